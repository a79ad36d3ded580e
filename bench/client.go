package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// client speaks HTTP/1.1 over one connection that is kept open. It does no more than it must, since it works on the
// processors that it measures: it reads every answer whole and leaves judging it to the caller.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	body []byte // of the last answer
}

// patience is how long one answer is waited for.
const patience = 30 * time.Second

func dial(ctx context.Context, address string) (*client, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 32<<10)}, nil
}

// ask sends a whole request and gives the status and the body, which is valid until the next one.
func (c *client) ask(request []byte) (status int, body []byte, err error) {
	if err := c.conn.SetDeadline(now().Add(patience)); err != nil {
		return 0, nil, err
	}
	if _, err := c.conn.Write(request); err != nil {
		return 0, nil, err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, nil, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return 0, nil, fmt.Errorf("not an HTTP answer: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, nil, fmt.Errorf("not an HTTP answer: %q", line)
	}
	length, chunked, err := c.headers()
	if err != nil {
		return status, nil, err
	}
	c.body = c.body[:0]
	switch {
	case chunked:
		err = c.chunks()
	case length > 0:
		err = c.more(length)
	case length < 0 && status != 204 && status != 304:
		err = errors.New("an answer without a length")
	}
	return status, c.body, err
}

func (c *client) headers() (length int, chunked bool, err error) {
	length = -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return length, chunked, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return length, chunked, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch len(name) {
		case len("Content-Length"):
			if bytes.EqualFold(name, []byte("Content-Length")) {
				if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
					return length, chunked, err
				}
			}
		case len("Transfer-Encoding"):
			chunked = chunked || bytes.EqualFold(name, []byte("Transfer-Encoding")) && strings.EqualFold(string(bytes.TrimSpace(value)), "chunked")
		}
	}
}

// chunks reads a body that comes in pieces of named length; the last is empty.
func (c *client) chunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		n, err := strconv.ParseUint(string(bytes.TrimRight(line, "\r\n")), 16, 31)
		if err != nil {
			return fmt.Errorf("length of a piece: %w", err)
		}
		if n > 0 {
			if err := c.more(int(n)); err != nil {
				return err
			}
		}
		if end, err := c.in.ReadSlice('\n'); err != nil || len(bytes.TrimRight(end, "\r\n")) > 0 {
			return errors.Join(err, fmt.Errorf("a piece does not end where it should: %q", end))
		}
		if n == 0 {
			return nil
		}
	}
}

func (c *client) more(n int) error {
	from := len(c.body)
	if cap(c.body) < from+n {
		grown := make([]byte, from, 2*(from+n))
		copy(grown, c.body)
		c.body = grown
	}
	c.body = c.body[:from+n]
	_, err := io.ReadFull(c.in, c.body[from:])
	return err
}
