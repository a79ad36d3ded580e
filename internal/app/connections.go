package app

import (
	"cmp"
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"

	"linli/internal/httpapi"
)

// connections bounds how many clients are connected at once. When there are too many, the one that has been silent
// for longest is closed: between two requests, with a first request that does not come, or with a small body that does
// not. A client whose request has arrived is never closed for another. So idle browsers do no harm, and neither do
// connections that are opened only to be held (slowloris).
//
// Most tools keep far below the bound; 4,096 connections take about 80 MB.
type connections struct {
	most int

	mu     sync.Mutex
	open   int
	silent *list.List // of net.Conn, the longest silent first
	at     map[net.Conn]*list.Element
}

const mostConnections = 4096

// newConnections bounds them; zero is the usual bound.
func newConnections(most int) *connections {
	return &connections{most: cmp.Or(most, mostConnections), silent: list.New(), at: map[net.Conn]*list.Element{}}
}

// follow is an http.Server's ConnState.
func (c *connections) follow(conn net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.speaks(conn)
	switch state {
	case http.StateNew:
		c.open++
		c.isSilent(conn)
	case http.StateIdle:
		c.isSilent(conn)
	case http.StateClosed, http.StateHijacked:
		c.open--
	case http.StateActive:
	}
	// the newcomer itself may stay until the next one comes: it may have something to say
	if e := c.silent.Front(); state == http.StateNew && c.open > c.most && e != c.at[conn] {
		longest, _ := c.silent.Remove(e).(net.Conn)
		delete(c.at, longest)
		_ = longest.Close() // the server hears of it when it next reads, and counts it then
	}
}

func (c *connections) isSilent(conn net.Conn) { c.at[conn] = c.silent.PushBack(conn) }

func (c *connections) speaks(conn net.Conn) {
	if e := c.at[conn]; e != nil {
		c.silent.Remove(e)
		delete(c.at, conn)
	}
}

// accept is an http.Server's ConnContext: the face tells while it waits for a body.
func (c *connections) accept(ctx context.Context, conn net.Conn) context.Context {
	return httpapi.Listening(ctx, func(waiting bool) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.speaks(conn); waiting {
			c.isSilent(conn)
		}
	})
}

// hangUp closes every connection that has nothing under way: the program is stopping, and what it answers from now on
// is that it does not.
func (c *connections) hangUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for conn := range c.at {
		_ = conn.Close() // the server hears of it when it next reads
	}
}
