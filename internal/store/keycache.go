package store

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// fresh is how long a key is believed without asking the database again.
const fresh = time.Second

// keyCache remembers keys for a second, unknown ones too, and a bounded number
// of them, so that neither good nor made-up keys become a load.
type keyCache struct {
	sync.Mutex
	known map[string]cachedKey
}

type cachedKey struct {
	APIKey
	hash    []byte
	missing bool
	asked   time.Time
}

// maxCached bounds the memory that made-up key ids can take.
const maxCached = 10_000

func (c *keyCache) find(ctx context.Context, pool *pgxpool.Pool, id string) (cachedKey, error) {
	c.Lock()
	key, ok := c.known[id]
	c.Unlock()
	if !ok || time.Since(key.asked) > fresh {
		key = cachedKey{asked: time.Now()}
		err := pool.QueryRow(ctx, `SELECT id, name, role, created_at, expires_at, revoked_at, hash FROM api_keys WHERE id = $1`, id).
			Scan(&key.ID, &key.Name, &key.Role, &key.CreatedAt, &key.ExpiresAt, &key.RevokedAt, &key.hash)
		key.missing = errors.Is(err, pgx.ErrNoRows)
		if err != nil && !key.missing {
			return key, err
		}
		c.Lock()
		if c.known == nil || len(c.known) >= maxCached {
			c.known = map[string]cachedKey{}
		}
		c.known[id] = key
		c.Unlock()
	}
	if key.missing {
		return key, pgx.ErrNoRows
	}
	return key, nil
}

func (c *keyCache) forget() {
	c.Lock()
	c.known = nil
	c.Unlock()
}
