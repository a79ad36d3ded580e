package httpapi

import (
	"context"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"linli/internal/casework"
)

// upload is a file as the body of a PUT: no form encoding, so it can be resumed and measured plainly.
type uploadInput struct {
	ID     string `path:"id" format:"uuid" doc:"id of the case"`
	File   string `path:"file" format:"uuid" doc:"UUIDv7 of the file made by the sender; sending it twice is once"`
	Name   string `query:"name" required:"true" doc:"file name" example:"路灯.jpg"`
	Use    string `query:"use" doc:"evidence, before, after, answer or other"`
	Public bool   `query:"public" doc:"shown to the reporter and, for public results, to everybody; pictures only"`
	Range  string `header:"Content-Range" doc:"the body is a part of the file: bytes FIRST-LAST/TOTAL. 202 with Range for what is here until it is whole; parts come in order, one sent twice counts once, and are kept for 7 days" example:"bytes 0-524287/3145728"`

	body   io.Reader
	length int64
}

// Resolve keeps the body as a stream.
func (in *uploadInput) Resolve(ctx huma.Context) []error {
	in.body, in.length = ctx.BodyReader(), announced(ctx)
	return nil
}

type uploadOutput struct {
	Status int    `header:"-"`
	Range  string `header:"Range" doc:"of a file in parts: what is here, such as bytes=0-524287"`
	Body   uploadView
}

// uploadView is a file that was sent.
type uploadView struct {
	casework.Attachment
	Have int64 `json:"have,omitempty" doc:"202: bytes that are here; the rest is still to come"`
}

func (s *Server) upload(ctx context.Context, in *uploadInput) (*uploadOutput, error) {
	u := casework.Upload{ID: in.File, Case: in.ID, Name: in.Name, Use: in.Use, Public: in.Public, Body: in.body, Length: in.length}
	if in.Range != "" {
		return s.uploadPiece(ctx, in, u)
	}
	a, err := s.Cases.Attach(ctx, actor(ctx), u)
	return &uploadOutput{Status: http.StatusCreated, Body: uploadView{Attachment: a}}, err
}

type trackUploadInput struct {
	Code string `path:"code" maxLength:"40" doc:"tracking code"`
	File string `path:"file" format:"uuid" doc:"UUIDv7 of the file made by the sender"`
	Name string `query:"name" required:"true"`

	body io.Reader
}

// Resolve keeps the body as a stream.
func (in *trackUploadInput) Resolve(ctx huma.Context) []error {
	in.body = ctx.BodyReader()
	return nil
}

func (s *Server) trackUpload(ctx context.Context, in *trackUploadInput) (*uploadOutput, error) {
	p, err := s.Cases.Track(ctx, actor(ctx), in.Code)
	if err != nil {
		return nil, err
	}
	a, err := s.Cases.Attach(ctx, actor(ctx), casework.Upload{ID: in.File, Case: p.Case.ID, Code: in.Code, Name: in.Name, Body: in.body})
	return &uploadOutput{Status: http.StatusCreated, Body: uploadView{Attachment: a}}, err
}

type fileInput struct {
	File string `path:"file" format:"uuid"`
	Code string `query:"code" maxLength:"40" doc:"tracking code, for the reporter; what is public only"`
	Pass string `query:"pass" maxLength:"60" doc:"from the files of the progress: lets in to this very file for some minutes"`
	Size string `query:"size" enum:"small" doc:"small: a picture as lists show it, at most 480 pixels on the longer side; other files come whole"`
}

// download streams a file. It is never run by a browser: text and pictures aside it is offered for
// saving, and no type is guessed.
func (s *Server) download(ctx context.Context, in *fileInput) (*huma.StreamResponse, error) {
	a, body, err := s.Cases.OpenFile(ctx, actor(ctx), in.File, casework.Ask{Code: in.Code, Pass: in.Pass, Small: in.Size == "small"})
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer body.Close()
		hc.SetHeader("Content-Type", a.Type)
		how := "attachment"
		if strings.HasPrefix(a.Type, "image/") {
			how = "inline"
		}
		hc.SetHeader("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": a.Name})+"; filename*=UTF-8''"+url.PathEscape(a.Name))
		hc.SetHeader("Content-Security-Policy", "default-src 'none'; sandbox")
		if _, err := io.Copy(hc.BodyWriter(), body); err != nil {
			s.Log.Warn("sending a file was cut off", "file", a.ID, "error", err)
		}
	}}, nil
}
