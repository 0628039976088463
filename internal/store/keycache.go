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

// keyCache remembers keys for a second. Ids that no key has are remembered too,
// apart, so that made-up ones never push out good ones; each new one costs a
// query.
type keyCache struct {
	sync.Mutex
	known, unknown map[string]cachedKey
}

type cachedKey struct {
	APIKey
	hash    []byte
	missing bool
	asked   time.Time
}

// maxCached bounds the memory of each of the two.
const maxCached = 10_000

func (c *keyCache) find(ctx context.Context, pool *pgxpool.Pool, id string) (cachedKey, error) {
	c.Lock()
	key, ok := c.known[id]
	if !ok {
		key, ok = c.unknown[id]
	}
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
		cache := &c.known
		if key.missing {
			cache = &c.unknown
		}
		if *cache == nil || len(*cache) >= maxCached {
			*cache = map[string]cachedKey{}
		}
		(*cache)[id] = key
		c.Unlock()
	}
	if key.missing {
		return key, pgx.ErrNoRows
	}
	return key, nil
}

func (c *keyCache) forget() {
	c.Lock()
	c.known, c.unknown = nil, nil
	c.Unlock()
}
