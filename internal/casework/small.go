package casework

import (
	"bytes"
	linked "container/list"
	"context"
	"fmt"
	"io"
	"sync"

	"linli/internal/platform/blob"
)

const (
	smallEdge = 480      // longest edge of a picture in a list, in pixels: a third of a phone's width, drawn sharply
	smallKept = 24 << 20 // bytes of them that are kept; one has about 30,000
)

// smallPictures are the pictures of lists that were drawn lately, by the hash of the public picture. What nobody looked at
// for the longest goes first.
type smallPictures struct {
	mu    sync.Mutex
	order *linked.List // of *smallPicture, the latest in front
	by    map[string]*linked.Element
	bytes int
}

type smallPicture struct {
	of   string
	jpeg []byte
}

func newSmallPictures() *smallPictures {
	return &smallPictures{order: linked.New(), by: map[string]*linked.Element{}}
}

func (p *smallPictures) get(of string) ([]byte, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e, ok := p.by[of]
	if !ok {
		return nil, false
	}
	p.order.MoveToFront(e)
	return e.Value.(*smallPicture).jpeg, true
}

func (p *smallPictures) put(of string, jpeg []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.by[of]; ok || len(jpeg) > smallKept {
		return
	}
	p.by[of] = p.order.PushFront(&smallPicture{of, jpeg})
	for p.bytes += len(jpeg); p.bytes > smallKept; {
		last := p.order.Remove(p.order.Back()).(*smallPicture)
		delete(p.by, last.of)
		p.bytes -= len(last.jpeg)
	}
}

// small gives a public picture as lists show it: of few pixels, so that a phone on a slow network loads a page of them.
func (s *Service) small(ctx context.Context, public string) (io.ReadSeekCloser, error) {
	jpeg, ok := s.smalls.get(public)
	if !ok {
		select {
		case s.drawing <- struct{}{}:
			defer func() { <-s.drawing }()
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting to draw a picture: %w", ctx.Err())
		}
		f, err := s.files.Open(ctx, public)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if jpeg, err = blob.PublicImage(f, smallEdge); err != nil {
			return nil, err
		}
		s.smalls.put(public, jpeg)
	}
	return inMemory{bytes.NewReader(jpeg)}, nil
}

// inMemory is a file that needs no closing.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }
