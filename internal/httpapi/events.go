package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/casework"
	"linli/internal/platform/fault"
	"linli/internal/staff"
)

const eventsPath = v1 + "/events"

// eventRoutes: what happens, as it happens.
func (s *Server) eventRoutes() {
	add(s, operation{get, eventsPath, "events", signedIn, "cases", "What happens to my cases, as it happens",
		"Server-sent events (text/event-stream). hello: the stream has begun, with the words nobody has seen. case: {id, number, version, stage, ended, title} of a case that I may read has changed; read it for more. " +
			"alert: {unseen} words left for my posts. models: {active} the versions of governance models that new cases begin with from now on. reset: more happened than is remembered, or my posts changed; read everything anew. Every event has an id: sent back as Last-Event-ID the stream goes on from there. " +
			"The stream ends with the session, and when its reader is too slow.", 0, 0}, s.events)
}

type eventsInput struct {
	Last  string `header:"Last-Event-ID" maxLength:"100" doc:"id of the last event received; browsers send it by themselves"`
	After string `query:"after" maxLength:"100" doc:"the same for clients that cannot send the header"`
}

// What a stream does, and how often.
const (
	heartbeat   = 20 * time.Second // proxies close what is silent for a minute
	gather      = 200 * time.Millisecond
	lookAgainAt = 5 * time.Second // is the session still there, and the posts the same
	retryAfter  = "retry: 3000\n"
)

func (s *Server) events(ctx context.Context, in *eventsInput) (*huma.StreamResponse, error) {
	who := from(ctx)
	leave, err := s.streams.enter(who.actor.ID())
	if err != nil {
		return nil, err
	}
	cursor := in.Last
	if cursor == "" {
		cursor = in.After
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer leave()
		hc.SetHeader("Content-Type", "text/event-stream; charset=utf-8")
		hc.SetHeader("X-Accel-Buffering", "no") // a proxy that gathers would keep it all back
		e := &stream{s: s, out: hc.BodyWriter(), secret: who.secret, who: who.actor, follower: s.Cases.Follow(cursor)}
		if err := e.run(hc.Context()); err != nil && !errors.Is(err, context.Canceled) {
			s.Log.Debug("a stream of events ended", "request_id", who.id, "error", err)
		}
	}}, nil
}

// stream is one client that follows what happens.
type stream struct {
	s        *Server
	out      io.Writer
	secret   string
	who      *staff.Actor
	follower *casework.Follower
	unseen   int
	models   []string
}

// errOver ends a stream that has no reason to go on: the session is over, or the program is stopping.
var errOver = errors.New("the stream is over")

func (e *stream) run(ctx context.Context) error {
	var err error
	if e.unseen, err = e.s.Cases.Unseen(ctx, e.who); err != nil {
		return err
	}
	if _, err := io.WriteString(e.out, retryAfter); err != nil {
		return err
	}
	if err := e.tell("hello", words{e.unseen}); err != nil {
		return err
	}
	e.models = e.inForce()
	beat, look := time.NewTicker(heartbeat), time.NewTicker(lookAgainAt)
	defer beat.Stop()
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-e.s.streams.ended:
			return errOver
		case <-beat.C:
			if err := e.write([]byte(": \n\n")); err != nil {
				return err
			}
		case <-look.C:
			if err := e.recognise(ctx); err != nil {
				return err
			}
			if now := e.inForce(); !slices.Equal(now, e.models) {
				e.models = now
				if err := e.tell("models", inForce{now}); err != nil {
					return err
				}
			}
		case <-e.follower.Changed():
			if err := e.take(ctx); err != nil {
				return err
			}
		}
	}
}

// take waits a moment for what comes together, then tells it.
func (e *stream) take(ctx context.Context) error {
	timer := time.NewTimer(gather)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
		return ctx.Err()
	case <-e.s.streams.ended:
		return errOver
	}
	if err := e.recognise(ctx); err != nil {
		return err
	}
	news := e.follower.Take(e.who)
	if news.Reset {
		if err := e.tell("reset", struct{}{}); err != nil {
			return err
		}
	}
	for _, c := range news.Cases {
		if err := e.tell("case", changedCase{c.ID, c.Number, c.Version, c.Stage, c.Ended, c.Title}); err != nil {
			return err
		}
	}
	if !news.Words {
		return nil
	}
	return e.count(ctx)
}

// count tells how many words nobody has seen, when it is another number than before.
func (e *stream) count(ctx context.Context) error {
	n, err := e.s.Cases.Unseen(ctx, e.who)
	if err != nil || n == e.unseen {
		return err
	}
	e.unseen = n
	return e.tell("alert", words{n})
}

// recognise looks whether the session is still there. With other posts there is something else to see.
func (e *stream) recognise(ctx context.Context) error {
	who, err := e.s.Staff.Recognise(ctx, e.secret)
	if err != nil || who.MustChange() {
		return errors.Join(errOver, err)
	}
	if !slices.Equal(who.Posts(), e.who.Posts()) {
		e.who = who
		if err := e.tell("reset", struct{}{}); err != nil {
			return err
		}
		return e.count(ctx)
	}
	e.who = who
	return nil
}

// inForce are the versions of governance models that new cases begin with now. Whether that changed by a decision, here or
// on another node, or because the moment of a planned one has come, is the same to who looks.
func (e *stream) inForce() []string {
	var ids []string
	for _, d := range e.s.Cases.AllInForce(e.s.DB.Now()) {
		ids = append(ids, d.ID())
	}
	return ids
}

// inForce names the versions of governance models that count for new cases.
type inForce struct {
	Active []string `json:"active"`
}

// words is how many words left for one's posts nobody has seen.
type words struct {
	Unseen int `json:"unseen"`
}

// changedCase is a case of which something happened.
type changedCase struct {
	ID      string `json:"id"`
	Number  string `json:"number"`
	Version int64  `json:"version"`
	Stage   string `json:"stage"`
	Ended   string `json:"ended"`
	Title   string `json:"title"`
}

// tell sends an event.
func (e *stream) tell(event string, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return e.write([]byte("event: " + event + "\nid: " + e.follower.Cursor() + "\ndata: " + string(body) + "\n\n"))
}

// write sends at once. A reader who does not read for half a minute is cut off, see answer; it resumes where it was.
func (e *stream) write(b []byte) error {
	if _, err := e.out.Write(b); err != nil {
		return err
	}
	w, ok := e.out.(http.ResponseWriter)
	if !ok {
		return nil
	}
	return http.NewResponseController(w).Flush()
}

func errManyStreams() error {
	return fault.Newf(fault.TooMany, "too-many-streams", "同一账号最多同时打开 %[1]d 个实时页面,请关掉几个", "An account may follow events from %[1]d pages at once; close some", streamsEach).After(30)
}
