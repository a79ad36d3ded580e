package dbtest

import (
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"testing"
)

// Create makes a database of a name of its own on the server of the tests; with is what else CREATE DATABASE is told, such as
// TEMPLATE other. Who calls it drops it; For does so after a test.
func Create(with string) (name string, err error) {
	raw := make([]byte, 8)
	_, _ = rand.Read(raw)
	name = "linli_test_" + hex.EncodeToString(raw)
	if err := administer(`CREATE DATABASE ` + name + ` ` + with); err != nil {
		return "", fmt.Errorf("making a test database: %w", err)
	}
	return name, nil
}

// Drop removes a database that Create made, whoever is connected to it.
func Drop(name string) error { return administer(`DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)`) }

// Address is how a program reaches a database that Create made.
func Address(name string) string {
	u, err := url.Parse(os.Getenv(Variable))
	if err != nil {
		return ""
	}
	u.Path = "/" + name
	return u.String()
}

// For makes a database as Create does that is removed after the test, and gives its address.
func For(t testing.TB, with string) (address string) {
	t.Helper()
	name, err := Create(with)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := Drop(name); err != nil {
			t.Errorf("removing a test database: %v", err)
		}
	})
	return Address(name)
}

// administer runs one statement on the server.
func administer(statement string) error {
	server, err := sql.Open("pgx", os.Getenv(Variable))
	if err != nil {
		return err
	}
	_, err = server.Exec(statement)
	return errors.Join(err, server.Close())
}
