package store

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"onrecord/internal/claims"
)

// keyPrefix begins every key, so that a leaked one is recognised.
const keyPrefix = "onrec"

// Roles lists what a key can be for, from least to most.
var Roles = []string{"reader", "importer", "editor", "admin"}

// An APIKey is what is known of a key: all but its secret.
type APIKey struct {
	ID        string
	Name      string
	Role      string
	CreatedAt time.Time
	ExpiresAt *time.Time
	RevokedAt *time.Time
}

// Principal is how changes made with the key are signed.
func (k APIKey) Principal() string { return "key:" + k.ID }

// CreateKey makes a key and returns it, for the only time: prefix_id_secret.
// The zero time never expires.
func (s *Store) CreateKey(ctx context.Context, name, role string, expires time.Time) (string, error) {
	if !slices.Contains(Roles, role) {
		return "", invalid(claims.Problem{Pointer: "/role", Code: "unknown_value", Detail: "is none of " + strings.Join(Roles, ", ")})
	}
	id, secret := random(5), random(20)
	var until *time.Time
	if !expires.IsZero() {
		until = &expires
	}
	_, err := s.write.Exec(ctx, `INSERT INTO api_keys (id, name, role, hash, created_at, expires_at) VALUES ($1, $2, $3, $4, now(), $5)`,
		id, name, role, digestOf(secret), until)
	return keyPrefix + "_" + id + "_" + secret, translate(err)
}

// FirstKey makes an admin key if no key was ever made; else it returns "".
func (s *Store) FirstKey(ctx context.Context) (string, error) {
	var any bool
	if err := s.write.QueryRow(ctx, `SELECT EXISTS (SELECT FROM api_keys)`).Scan(&any); err != nil || any {
		return "", translate(err)
	}
	return s.CreateKey(ctx, "first admin", "admin", time.Time{})
}

// Keys lists all keys, oldest first.
func (s *Store) Keys(ctx context.Context) ([]APIKey, error) {
	rows, _ := s.read.Query(ctx, `SELECT id, name, role, created_at, expires_at, revoked_at FROM api_keys ORDER BY created_at, id`)
	keys, err := pgx.CollectRows(rows, pgx.RowToStructByName[APIKey])
	return keys, translate(err)
}

// RevokeKey ends a key. Errors: NotFound.
func (s *Store) RevokeKey(ctx context.Context, id string) error {
	tag, err := s.write.Exec(ctx, `UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1`, id)
	if err == nil && tag.RowsAffected() == 0 {
		return failure(NotFound, "no key has this id")
	}
	s.keys.forget()
	return translate(err)
}

// Authenticate finds the key that a client sent. It asks the database at most
// once a second for each key id, so that revocation takes effect within one.
// Errors: Unauthorized, alike for every way of being wrong.
func (s *Store) Authenticate(ctx context.Context, given string) (APIKey, error) {
	refused := failure(Unauthorized, "the key is not valid")
	parts := strings.Split(given, "_")
	if len(parts) != 3 || parts[0] != keyPrefix || len(parts[1]) != 8 || len(parts[2]) != 32 || strings.Trim(parts[1]+parts[2], "abcdefghijklmnopqrstuvwxyz234567") != "" {
		return APIKey{}, refused
	}
	known, err := s.keys.find(ctx, s.meta, parts[1])
	if errors.Is(err, pgx.ErrNoRows) {
		return APIKey{}, refused
	}
	if err != nil {
		return APIKey{}, translate(err)
	}
	now := time.Now()
	right := subtle.ConstantTimeCompare(known.hash, digestOf(parts[2])) == 1
	if !right || known.RevokedAt != nil || known.ExpiresAt != nil && !now.Before(*known.ExpiresAt) {
		return APIKey{}, refused
	}
	return known.APIKey, nil
}

func digestOf(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// random is n random bytes in lower-case letters and digits, 8 characters for
// each 5 bytes.
func random(n int) string {
	bytes := make([]byte, n)
	rand.Read(bytes) // never fails: it would end the program
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(bytes))
}
