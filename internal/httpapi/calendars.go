package httpapi

import (
	"context"
	"strconv"
	"time"

	"linli/internal/calendar"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

type calendarsOutput struct {
	Body struct {
		Years     []int          `json:"years" doc:"years whose holidays are announced"`
		Calendars []calendarView `json:"calendars" doc:"the default first"`
	}
}

// calendarView is a working calendar.
type calendarView struct {
	ID      string    `json:"id" example:"office"`
	Title   lang.Text `json:"title"`
	Version string    `json:"version" doc:"changes whenever a deadline could"`
	Default bool      `json:"default"`
}

func (s *Server) listCalendars(_ context.Context, _ *nothing) (*calendarsOutput, error) {
	set, out := s.Cases.Calendars(), &calendarsOutput{}
	out.Body.Years = set.Years()
	for i, c := range set.All() {
		out.Body.Calendars = append(out.Body.Calendars, calendarView{ID: c.ID(), Title: c.Title(), Version: c.Version(), Default: i == 0})
	}
	return out, nil
}

type daysInput struct {
	ID   string `path:"id" maxLength:"60" doc:"id of the calendar" example:"office"`
	Year int    `path:"year" minimum:"1949" maximum:"9999" example:"2026"`
}

type daysOutput struct {
	ETag string `header:"ETag" doc:"changes with the calendar"`
	Body struct {
		Calendar string         `json:"calendar"`
		Version  string         `json:"version"`
		Year     int            `json:"year"`
		Known    bool           `json:"known" doc:"the year's holidays are announced"`
		Missing  []string       `json:"missing,omitempty" doc:"fixed public holidays that the year's data does not make a day off: it is likely incomplete"`
		Days     []calendar.Day `json:"days"`
	}
}

func (s *Server) calendarNamed(id string) (*calendar.Calendar, error) {
	c, ok := s.Cases.Calendars().Lookup(id)
	if !ok {
		return nil, fault.Newf(fault.NotFound, "no-calendar", "没有“%[1]s”这个日历", "There is no calendar %[1]q", id)
	}
	return c, nil
}

func (s *Server) calendarDays(_ context.Context, in *daysInput) (*daysOutput, error) {
	c, err := s.calendarNamed(in.ID)
	if err != nil {
		return nil, err
	}
	out := &daysOutput{ETag: `"` + c.Version() + `"`}
	b := &out.Body
	b.Calendar, b.Version, b.Year, b.Known, b.Missing, b.Days = c.ID(), c.Version(), in.Year, c.KnownYear(in.Year), s.Cases.Calendars().Missing(in.Year), c.Days(in.Year)
	return out, nil
}

type addYearInput struct {
	RawBody []byte `doc:"the year's holidays and make-up workdays in the format of NateScarlet/holiday-cn, as in models/calendars/holidays"`
}

type addYearOutput struct {
	Body struct {
		Year       int      `json:"year"`
		Recomputed int      `json:"recomputed" doc:"open deadlines that had been provisional and were computed again"`
		Missing    []string `json:"missing,omitempty" doc:"fixed public holidays the data does not make a day off: it is likely incomplete"`
	}
}

func (s *Server) addYear(ctx context.Context, in *addYearInput) (*addYearOutput, error) {
	out := &addYearOutput{}
	var err error
	if out.Body.Year, out.Body.Recomputed, err = s.Cases.AddHolidays(ctx, actor(ctx), in.RawBody); err != nil {
		return nil, err
	}
	out.Body.Missing = s.Cases.Calendars().Missing(out.Body.Year)
	return out, nil
}

type explainInput struct {
	ID   string `path:"id" maxLength:"60" doc:"id of the calendar" example:"office"`
	Body struct {
		Start   time.Time        `json:"start" doc:"when the allowance begins" example:"2026-09-30T16:00:00+08:00"`
		Measure calendar.Measure `json:"measure" enum:"working,working_days,hours,days,emergency,none" example:"working_days"`
		Amount  string           `json:"amount,omitempty" maxLength:"20" doc:"as models write it: 4h, 30m, 1h30m; a whole number for days" example:"5"`
	}
}

type explainOutput struct {
	Body struct {
		Due   calendar.Due    `json:"due"`
		Text  lang.Text       `json:"text" doc:"the allowance in words"`
		Steps []calendar.Step `json:"steps" doc:"the arithmetic, day by day; long runs in one line"`
	}
}

func (s *Server) explain(ctx context.Context, in *explainInput) (*explainOutput, error) {
	c, err := s.calendarNamed(in.ID)
	if err != nil {
		return nil, err
	}
	allow, err := calendar.ParseAllowance(string(in.Body.Measure), in.Body.Amount)
	if err != nil {
		return nil, err
	}
	if y := in.Body.Start.Year(); y < 1 || y > 9999 {
		return nil, fault.New(fault.Invalid, "invalid-request", "请求内容有误,请改正后再试", "The request needs correcting").
			At("body.start", "year", "年份须在 1 到 9999 之间,不是 "+strconv.Itoa(y), "The year lies between 1 and 9999, not "+strconv.Itoa(y))
	}
	out := &explainOutput{}
	out.Body.Due, out.Body.Text, out.Body.Steps = c.Deadline(in.Body.Start, allow), allow.Text(), c.Explain(in.Body.Start, allow, from(ctx).lang)
	return out, nil
}
