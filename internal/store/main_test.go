package store_test

import (
	"testing"

	"onrecord/internal/testkit"
)

func TestMain(m *testing.M) { testkit.Main(m) }
