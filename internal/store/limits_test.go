package store

// LimitSums bounds what the store's counts from memory may gather: tests have few
// sums.
func LimitSums(s *Store, few, many int) { s.cells.limits = sumLimits{few, many} }
