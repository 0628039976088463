package claims

import (
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A Ref names another record: by id (for countries the code, for topics the
// slug) or by key. In JSON it is a string, the id, or {"key": "namespace:name"};
// it is always written as the id, which follows from the key without a look-up.
// The zero Ref names nothing.
type Ref struct{ id, key string }

// RefID is a reference by id, code or slug; RefKey one by key.
func RefID(id string) Ref   { return Ref{id: id} }
func RefKey(key string) Ref { return Ref{id: ID(key), key: key} }

// String is the id of the record that the reference names.
func (r Ref) String() string { return r.id }

// Key is the key that the reference was given by, if it was.
func (r Ref) Key() string { return r.key }

// IsZero reports whether the reference names nothing.
func (r Ref) IsZero() bool { return r.id == "" }

// MarshalJSONTo writes the id, or null.
func (r Ref) MarshalJSONTo(enc *jsontext.Encoder) error {
	if r.id == "" {
		return enc.WriteToken(jsontext.Null)
	}
	return enc.WriteToken(jsontext.String(r.id))
}

// UnmarshalJSONFrom reads an id or a {"key": …} object.
func (r *Ref) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch dec.PeekKind() {
	case 'n':
		*r = Ref{}
		return dec.SkipValue()
	case '"':
		var id string
		if err := json.UnmarshalDecode(dec, &id); err != nil {
			return err
		}
		if id == "" {
			return errors.New("a reference is not empty: leave the field out or give null")
		}
		*r = RefID(id)
		return nil
	case '{':
		var by struct {
			Key string `json:"key"`
		}
		if err := json.UnmarshalDecode(dec, &by, json.RejectUnknownMembers(true)); err != nil {
			return err
		}
		if err := checkKey(by.Key, MaxDerivedKey); err != nil {
			return err
		}
		*r = RefKey(by.Key)
		return nil
	default:
		return errors.New(`a reference is an id or {"key": "namespace:name"}`)
	}
}
