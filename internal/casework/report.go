package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"linli/internal/area"
	"linli/internal/area/geo"
	"linli/internal/flow"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
	"linli/internal/platform/seal"
	"linli/internal/staff"
)

// Limits of what a report may hold, in characters.
const (
	maxTitle   = 200
	maxBody    = 20000
	maxAddress = 300
	maxName    = 60
)

// Report is a matter somebody brings (上报). Only Text is required: whoever reports need not know how
// the house is organised.
type Report struct {
	ID       string // UUIDv7 made by the sender; sending it twice is once
	Title    string // empty: the beginning of the text
	Text     string
	Category string // empty: suggested from the words
	Urgency  string // empty: the category's
	Model    string // empty: the category's
	Channel  string // empty: resident, or staff when signed in
	Place    area.Place

	Name, Phone  string // of the reporter; sealed at rest
	Anonymous    bool   // nothing about the reporter is kept
	Confidential bool   // only named roles see it

	Secret string // random, kept by the sender: a report sent again with it gets its tracking code again

	ReportedAt time.Time // when it was said, for what was written down elsewhere first; empty: now

	sorted *string // the category chosen or suggested, once it has been looked for
}

// Receipt is what the reporter gets.
type Receipt struct {
	ID     string
	Number string // for people, such as 320682-2026-000123
	Code   string // tracking code; whoever has it may follow, answer and rate. Empty when a repeated report did not prove its sender
	Case   *Case
	Again  bool // the same report had been received before
}

// Submit takes a report: it finds its grid, is sorted to a model and given to the first post, with both
// clocks running, in one durable transaction.
//
// Anybody may report as a resident; other channels need case.report at the area, or hotline.take for
// the hotline.
//
// Errors: Invalid with the wrong fields; Conflict "id-used" when the id belongs to another report.
func (s *Service) Submit(ctx context.Context, actor *staff.Actor, r Report) (Receipt, error) {
	d, err := s.prepare(actor, &r)
	if err != nil {
		return Receipt{}, err
	}
	in, err := s.takeIn(actor, &r, d, s.db.Now())
	if err == nil {
		err = s.db.Write(ctx, func(tx *database.Tx) error { return s.submit(tx, actor, &r, d, &in) })
	}
	if err == nil {
		return s.receipt(in.c, false), nil
	}
	if !fault.Is(err, fault.Unavailable) {
		if known, found, rerr := s.repeated(ctx, actor, &r); found || rerr != nil {
			return known, rerr
		}
	}
	return Receipt{}, err
}

// repeated answers a report whose id is known already: with what the first one was answered.
func (s *Service) repeated(ctx context.Context, actor *staff.Actor, r *Report) (receipt Receipt, found bool, err error) {
	var known *Case
	err = s.db.Read(ctx, func(tx *database.Tx) (err error) {
		known, err = load(tx, r.ID, false)
		return err
	})
	if fault.HasCode(err, codeNoCase) {
		return Receipt{}, false, nil
	}
	if err != nil {
		return Receipt{}, false, fmt.Errorf("looking for report %s: %w", r.ID, err)
	}
	if !s.sameReport(known, actor, r) {
		return Receipt{}, true, fault.New(fault.Conflict, "id-used", "这个编号已被另一条上报使用", "This id belongs to another report").
			At("id", "used", "请换一个新的 UUIDv7", "Make a new UUIDv7")
	}
	receipt = s.receipt(known, true)
	if !s.provesSender(known, actor, r) {
		receipt.Code = ""
	}
	return receipt, true, nil
}

// sameReport tells whether a report that comes again says what the first one said.
func (s *Service) sameReport(known *Case, actor *staff.Actor, r *Report) bool {
	phone := ""
	if r.Phone != "" && !r.Anonymous {
		phone = s.box.Blind("phone", r.Phone)
	}
	return known.Body == r.Text && known.Title == r.Title && known.Address == r.Place.Address && known.phoneBlind == phone &&
		known.Anonymous == r.Anonymous && known.Account == account(actor, *r)
}

func account(actor *staff.Actor, r Report) string {
	if r.Anonymous || actor.System() {
		return ""
	}
	return actor.ID()
}

// prepare checks and completes the report and chooses its model.
func (s *Service) prepare(actor *staff.Actor, r *Report) (*flow.Definition, error) {
	wrong := fault.New(fault.Invalid, "invalid-report", "上报内容有误,请改正后再交", "The report needs correcting")
	if _, err := uuid.Parse(r.ID); err != nil {
		wrong.At("id", "uuid", "编号须为 UUIDv7", "The id must be a UUIDv7")
	}
	r.ID = strings.ToLower(r.ID)
	clean(wrong, "text", &r.Text, maxBody, true)
	if r.Title == "" {
		r.Title = headline(r.Text)
	}
	clean(wrong, "title", &r.Title, maxTitle, false)
	clean(wrong, "address", &r.Place.Address, maxAddress, false)
	clean(wrong, "reporter.name", &r.Name, maxName, false)
	r.Phone = phone(wrong, r.Phone)
	if n := len(r.Secret); n > 0 && (n < leastSecret || n > mostSecret) {
		wrong.At("secret", "length", "重发凭证须为 16 到 200 个字符", "The secret has 16 to 200 characters")
	}
	if r.Channel == "" {
		r.Channel = s.channel(actor, *r)
	}
	if !slices.Contains(Channels, r.Channel) {
		wrong.At("channel", "unknown", "渠道须为 "+strings.Join(Channels, "、"), "The channel must be one of "+strings.Join(Channels, ", "))
	}
	s.place(wrong, r)
	d := s.sort(wrong, r)
	if len(wrong.Fields) > 0 {
		return nil, wrong
	}
	return d, nil
}

// sort completes category, urgency and model from one another.
func (s *Service) sort(wrong *fault.Error, r *Report) *flow.Definition {
	if r.Category != "" {
		if _, ok := s.categories.Get(r.Category); !ok {
			wrong.At("category", "unknown", "没有这个分类代码", "There is no such category code")
		}
	}
	if r.Urgency != "" && !slices.Contains(flow.Urgencies, r.Urgency) {
		wrong.At("urgency", "unknown", "缓急须为 "+strings.Join(flow.Urgencies, "、"), "The urgency must be one of "+strings.Join(flow.Urgencies, ", "))
	}
	name := r.Model
	if name == "" {
		name = defaultModel
		if cat, ok := s.categories.Get(s.category(r)); ok && cat.Model != "" {
			name = cat.Model
		}
		if r.Channel == "hotline" {
			name = "hotline"
		}
	}
	d, ok := s.InForce(name, s.db.Now())
	if !ok {
		wrong.At("model", "unknown", "没有“"+name+"”这个办理模型", "There is no governance model "+name)
	}
	return d
}

const defaultModel = "seven-step"

// category is the one chosen, or the one the words suggest.
func (s *Service) category(r *Report) string {
	if r.sorted == nil {
		code := r.Category
		if code == "" {
			if best := s.categories.Suggest(r.Title, r.Text, 1); len(best) > 0 {
				code = best[0].Code
			}
		}
		r.sorted = &code
	}
	return *r.sorted
}

func (s *Service) place(wrong *fault.Error, r *Report) {
	p := &r.Place
	if p.HasPoint && (p.Lat < -90 || p.Lat > 90 || p.Lon < -180 || p.Lon > 180 || p.Lat != p.Lat || p.Lon != p.Lon) {
		wrong.At("place.point", "range", "坐标超出范围(纬度 -90~90,经度 -180~180)", "The position is out of range (latitude -90..90, longitude -180..180)")
	}
	if _, ok := geo.ParseDatum(p.Datum); !ok {
		wrong.At("place.datum", "unknown", "坐标系须为 wgs84、gcj02 或 bd09", "The datum must be wgs84, gcj02 or bd09")
	}
	tree := s.areas.Tree()
	for field, code := range map[string]string{"place.area": p.Area, "place.building": p.Building} {
		if _, ok := tree.Area(code); code != "" && !ok {
			wrong.At(field, "unknown", "没有这个区域代码", "There is no area with this code")
		}
	}
}

// channel is the one meant when none is named: staff where the actor serves, a resident elsewhere, for
// somebody who serves one township lives in another.
func (s *Service) channel(actor *staff.Actor, r Report) string {
	r.Channel = "staff"
	if actor.Anywhere("case.report") && actor.May("case.report", s.areas.Tree().Path(s.areas.Locate(s.ownPlace(actor, &r)).Area)) {
		return r.Channel
	}
	return "resident"
}

// clockError is how far a sender's clock may be ahead: what is said within it counts as said now.
const clockError = 24 * time.Hour

// newCase makes the case of a report; it has no number yet.
func (s *Service) newCase(actor *staff.Actor, r *Report, d *flow.Definition, now time.Time) (*Case, error) {
	found := s.areas.Locate(s.ownPlace(actor, r))
	if found.Area == "" {
		return nil, fault.New(fault.Unavailable, "no-areas", "还没有导入区域,暂不能受理", "No areas have been imported yet, so nothing can be taken in")
	}
	path := s.areas.Tree().Path(found.Area)
	if err := mayReport(actor, r.Channel, path); err != nil {
		return nil, err
	}
	if r.ReportedAt.After(now.Add(clockError)) {
		return nil, fault.New(fault.Invalid, "invalid-report", "上报内容有误,请改正后再交", "The report needs correcting").
			At("reported_at", "future", "上报时间还没到,请核对", "This time has not come yet; please check it")
	}
	c := &Case{ID: r.ID, Area: found.Area, Path: path, Model: d.ID(), Channel: r.Channel,
		Title: r.Title, Body: r.Text, Address: r.Place.Address, Urgency: r.Urgency, Kind: d.Kinds[0],
		Confidential: r.Confidential, Anonymous: r.Anonymous, Account: account(actor, *r),
		ReportedAt: r.ReportedAt, ReceivedAt: now, UpdatedAt: now, Version: 1,
		Why: Why{How: found.How, Confidence: found.Confidence, Ask: found.Ask, Text: found.Why, Category: "none"}}
	if c.ReportedAt.IsZero() || c.ReportedAt.After(now) {
		c.ReportedAt = now
	}
	if r.Place.HasPoint {
		datum, _ := geo.ParseDatum(r.Place.Datum)
		p := geo.ToWGS84(area.Point{Lat: r.Place.Lat, Lon: r.Place.Lon}, datum)
		c.Point = &p
	}
	if r.Secret != "" {
		c.repeatBlind = s.box.Blind("repeat", r.Secret)
	}
	s.classify(c, r)
	return c, s.sealReporter(c, r)
}

// ownPlace is the place of the report; staff who name none mean the area of their own post.
func (s *Service) ownPlace(actor *staff.Actor, r *Report) area.Place {
	p := r.Place
	if r.Channel != "staff" || p.HasPoint || p.Area != "" || p.Building != "" || p.Address != "" {
		return p
	}
	tree := s.areas.Tree()
	for _, post := range actor.Posts() {
		if code := s.placeArea(post.Place()); actor.May("case.report", tree.Path(code)) {
			p.Area = code
			return p
		}
	}
	return p
}

// classify takes from the category what the reporter did not say. What no category is known for is not
// public: nobody has looked at it yet.
func (s *Service) classify(c *Case, r *Report) {
	c.Category = s.category(r)
	cat, ok := s.categories.Get(c.Category)
	if ok {
		c.Why.Category = "suggested"
		if r.Category != "" {
			c.Why.Category = "chosen"
		}
		c.Kind, c.Public, c.Confidential = cat.Kind, cat.Public, c.Confidential || cat.Confidential
		if c.Urgency == "" {
			c.Urgency = cat.Urgency
		}
	}
	if c.Urgency == "" {
		c.Urgency = "normal"
	}
	if c.Confidential {
		c.Public = false
	}
}

// sealReporter keeps name and phone unreadable at rest; of an anonymous reporter nothing is kept.
func (s *Service) sealReporter(c *Case, r *Report) (err error) {
	if r.Anonymous {
		return nil
	}
	if c.caller, err = s.box.Seal(r.Name, "case.caller:"+c.ID); err != nil {
		return fmt.Errorf("sealing the reporter: %w", err)
	}
	if c.phone, err = s.box.Seal(r.Phone, "case.phone:"+c.ID); err != nil {
		return fmt.Errorf("sealing the phone: %w", err)
	}
	if r.Phone != "" {
		c.phoneBlind = s.box.Blind("phone", r.Phone)
	}
	return nil
}

// by says who acted when no account did.
func by(actor *staff.Actor) string {
	switch {
	case actor.System():
		return "system"
	case actor.Anonymous():
		return "reporter"
	}
	return ""
}

func mayReport(actor *staff.Actor, channel, path string) error {
	need := "case.report"
	switch channel {
	case "resident":
		return nil
	case "hotline":
		need = "hotline.take"
	}
	if actor.System() || actor.May(need, path) {
		return nil
	}
	if actor.Anonymous() {
		return errSignIn() // a session that ran out, not a post that lacks something
	}
	return fault.Newf(fault.Forbidden, "not-permitted", "您的岗位不能在这里以“%[1]s”渠道上报(需要权限 %[2]s)",
		"Your post may not report here by the channel %[1]q (permission %[2]s needed)", channel, need)
}

// provesSender: a repeated report gets its tracking code again only for who sent the first. Whoever serves
// the case knows its id and its words, and must not become its reporter by sending them again.
func (s *Service) provesSender(known *Case, actor *staff.Actor, r *Report) bool {
	if actor.System() || known.Account != "" && known.Account == actor.ID() {
		return true
	}
	return r.Secret != "" && known.repeatBlind == s.box.Blind("repeat", r.Secret)
}

// Limits of the sender's secret, in bytes: long enough not to be guessed.
const (
	leastSecret = 16
	mostSecret  = 200
)

func (s *Service) receipt(c *Case, again bool) Receipt {
	return Receipt{ID: c.ID, Number: s.Number(c), Code: s.trackingCode(c), Case: c, Again: again}
}

// headline is the beginning of a text that has no title.
func headline(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	if cut := strings.IndexAny(line, "。！？!?"); cut > 0 {
		line = line[:cut]
	}
	const most = 40
	if utf8.RuneCountInString(line) > most {
		line = string([]rune(line)[:most]) + "…"
	}
	return strings.TrimSpace(line)
}

// clean refuses what cannot be stored or is too long and trims the rest.
func clean(wrong *fault.Error, field string, value *string, most int, required bool) {
	*value = strings.TrimSpace(*value)
	switch n := utf8.RuneCountInString(*value); {
	case !utf8.ValidString(*value):
		wrong.At(field, "utf8", "文字编码有误,须为 UTF-8", "The text is not valid UTF-8")
	case strings.ContainsRune(*value, 0):
		wrong.At(field, "nul", "文字中含有空字符(NUL),请删除", "The text contains a NUL character; remove it")
	case n > most:
		wrong.At(field, "too-long", fmt.Sprintf("太长:%d 字,最多 %d 字", n, most), fmt.Sprintf("Too long: %d characters, at most %d", n, most))
	case required && n == 0:
		wrong.At(field, "required", "请写明是什么事", "Say what it is about")
	}
}

// phone keeps digits and a leading plus. Landlines, mobiles and foreign numbers are all taken.
func phone(wrong *fault.Error, text string) string {
	var b strings.Builder
	for i, r := range strings.TrimSpace(text) {
		switch {
		case r >= '0' && r <= '9', r == '+' && i == 0:
			b.WriteRune(r)
		case r == '-' || r == ' ' || r == '(' || r == ')':
		default:
			wrong.At("reporter.phone", "phone", "电话号码只能含数字、空格和短横", "A phone number has digits, blanks and hyphens only")
			return ""
		}
	}
	if n := b.Len(); n > 0 && (n < 5 || n > 16) {
		wrong.At("reporter.phone", "phone", "电话号码应为 5 到 16 位", "A phone number has 5 to 16 digits")
	}
	return b.String()
}

// Reporter is the person who reported, masked unless revealed.
type Reporter struct {
	Name  string    `json:"name,omitempty"`
	Phone string    `json:"phone,omitempty"`
	Kind  lang.Text `json:"kind"`
}

func (s *Service) masked(c *Case) (Reporter, error) {
	if c.Anonymous {
		return Reporter{Kind: lang.T("匿名", "Anonymous")}, nil
	}
	name, phone, err := s.unseal(c)
	if err != nil {
		return Reporter{}, err
	}
	return Reporter{Name: seal.MaskName(name), Phone: seal.MaskPhone(phone), Kind: lang.T("实名", "Named")}, nil
}

func (s *Service) unseal(c *Case) (name, phone string, err error) {
	if name, err = s.box.Unseal(c.caller, "case.caller:"+c.ID); err != nil {
		return "", "", fmt.Errorf("case %s: reporter: %w", c.ID, err)
	}
	if phone, err = s.box.Unseal(c.phone, "case.phone:"+c.ID); err != nil {
		return "", "", fmt.Errorf("case %s: phone: %w", c.ID, err)
	}
	return name, phone, nil
}
