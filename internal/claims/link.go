package claims

// LinkInput joins a statement to an earlier one that it answers, repeats or
// takes back.
type LinkInput struct {
	Header
	Statement Ref    `json:"statement,omitzero"` // for life
	To        Ref    `json:"to"`                 // the other statement
	Relation  string `json:"relation"`           // StatementRelations
}

// Kind is KindLink.
func (*LinkInput) Kind() Kind { return KindLink }

// Check is as Input says.
func (in *LinkInput) Check(c *Check) {
	c.Required("/statement", in.Statement.IsZero())
	c.Ref("/statement", in.Statement, KindStatement)
	c.child(func() { in.check(c) })
	if !in.To.IsZero() && in.To.String() == in.Statement.String() {
		c.Add("/to", "self", "links a statement to itself")
	}
}

func (in *LinkInput) check(c *Check) {
	in.Header.check(c, KindLink)
	c.Required("/to", in.To.IsZero())
	c.Ref("/to", in.To, KindStatement)
	c.Required("/relation", in.Relation == "")
	c.Term("/relation", in.Relation, StatementRelations)
}

// Row is as Input says.
func (in *LinkInput) Row() any { return in }
