package database_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"linli/internal/platform/database"
	"linli/internal/platform/database/dbtest"
)

// Readers that all meet a query for the first time must not wait for one another's connections.
func TestManyReadersPreparingAtOnceDoNotStarve(t *testing.T) {
	dbtest.Each(t, nil, nil, func(t *testing.T, db *database.DB) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		const readers = 64
		var in, wg sync.WaitGroup
		errs := make([]error, readers)
		in.Add(1)
		for i := range readers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				in.Wait()
				errs[i] = db.Read(ctx, func(tx *database.Tx) error {
					var n int
					time.Sleep(10 * time.Millisecond)
					return tx.Row(fmt.Sprintf("SELECT %d", i)).Scan(&n)
				})
			}()
		}
		in.Done()
		wg.Wait()
		for _, err := range errs {
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
