package casework

import (
	"bytes"
	"context"
	"fmt"
	"io"

	lru "github.com/hashicorp/golang-lru/v2"

	"linli/internal/platform/blob"
)

const (
	smallEdge = 480 // longest edge of a picture in a list, in pixels: a third of a phone's width, drawn sharply
	smallKept = 300 // pictures that are kept, of 30 KB each as a rule: a small part of what the program keeps in memory
)

// smallPictures are the pictures of lists that were drawn lately, by the hash of the public picture. What nobody looked at
// for the longest goes first.
type smallPictures = lru.Cache[string, []byte]

func newSmallPictures() *smallPictures {
	kept, err := lru.New[string, []byte](smallKept)
	if err != nil {
		panic(err) // only of a size that is not positive
	}
	return kept
}

// small gives a public picture as lists show it: of few pixels, so that a phone on a slow network loads a page of them.
func (s *Service) small(ctx context.Context, public string) (io.ReadSeekCloser, error) {
	jpeg, ok := s.smalls.Get(public)
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
		s.smalls.Add(public, jpeg)
	}
	return inMemory{bytes.NewReader(jpeg)}, nil
}

// inMemory is a file that needs no closing.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }
