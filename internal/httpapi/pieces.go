package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"linli/internal/casework"
	"linli/internal/platform/fault"
)

// announced is the length of the body as the sender announces it; 0 when it does not.
func announced(ctx huma.Context) int64 {
	r, _ := humago.Unwrap(ctx)
	return max(r.ContentLength, 0)
}

// contentRange is how a part of a file says what it is: "bytes 0-524287/3145728" (RFC 9110, 14.4).
var contentRange = regexp.MustCompile(`^bytes (\d{1,18})-(\d{1,18})/(\d{1,18})$`)

// pieceOf reads what part of the file the body is.
func (in *uploadInput) pieceOf(u casework.Upload) (casework.Piece, error) {
	wrong := fault.New(fault.Invalid, "piece-range", "分段的范围不对", "The range of the part is not right")
	m := contentRange.FindStringSubmatch(in.Range)
	if m == nil {
		return casework.Piece{}, wrong.At("Content-Range", "range", "写作 bytes 起-止/总长,从 0 数起", "Write bytes FIRST-LAST/TOTAL, counted from 0")
	}
	p := casework.Piece{Upload: u}
	for i, to := range []*int64{&p.From, &p.To, &p.Total} {
		*to, _ = strconv.ParseInt(m[i+1], 10, 64) // eighteen digits always fit
	}
	if in.length > 0 && in.length != p.To-p.From+1 {
		return p, wrong.At("Content-Range", "length", "范围与内容的长度不一致", "The range and the length of the body differ")
	}
	return p, nil
}

// uploadPiece takes a part of a file: 202 with what is here, 201 once it is whole.
func (s *Server) uploadPiece(ctx context.Context, in *uploadInput, u casework.Upload) (*uploadOutput, error) {
	p, err := in.pieceOf(u)
	if err != nil {
		return nil, err
	}
	got, err := s.Cases.AttachPiece(ctx, actor(ctx), p)
	if err != nil {
		return nil, err
	}
	if got.Whole != nil {
		return &uploadOutput{Status: http.StatusCreated, Body: uploadView{Attachment: *got.Whole}}, nil
	}
	out := &uploadOutput{Status: http.StatusAccepted, Range: rangeOf(got.Have)}
	out.Body.Attachment = casework.Attachment{ID: in.File, Case: in.ID, At: s.DB.Now(), Name: in.Name, Use: in.Use, Size: got.Total, Public: in.Public}
	out.Body.Have = got.Have
	return out, nil
}

// rangeOf writes how much is here as the first and the last byte; nothing while none is.
func rangeOf(have int64) string {
	if have == 0 {
		return ""
	}
	return fmt.Sprintf("bytes=0-%d", have-1)
}

type uploadStateInput struct {
	ID   string `path:"id" format:"uuid" doc:"id of the case"`
	File string `path:"file" format:"uuid" doc:"id of the file made by the sender"`
}

type uploadStateOutput struct {
	Range    string `header:"Range" doc:"what is here, such as bytes=0-1048575; left out while nothing is"`
	Offset   string `header:"Upload-Offset" doc:"bytes that are here: where to go on"`
	Complete string `header:"Upload-Complete" doc:"?1 once the file is whole, ?0 before"`
}

func (s *Server) uploadState(ctx context.Context, in *uploadStateInput) (*uploadStateOutput, error) {
	got, err := s.Cases.PieceState(ctx, actor(ctx), in.ID, in.File)
	if err != nil {
		return nil, err
	}
	out := &uploadStateOutput{Range: rangeOf(got.Have), Offset: strconv.FormatInt(got.Have, 10), Complete: "?0"}
	if got.Whole != nil {
		out.Complete = "?1"
	}
	return out, nil
}
