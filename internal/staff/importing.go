package staff

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"linli/internal/platform/database"
	"linli/internal/platform/fault"
	"linli/internal/platform/lang"
)

// maxImportRows is how many rows are taken at once; a county has some ten thousand posts.
const maxImportRows = 20_000

// chinaTime is the time of dates in sheets: China has one, without summer time.
var chinaTime = time.FixedZone("UTC+8", 8*60*60)

// ImportRow is one line of a sheet of people: an account, and the post it holds if role and place are given.
type ImportRow struct {
	Row    int    `json:"row" doc:"number of the line in the sheet, for messages"`
	Login  string `json:"login"`
	Name   string `json:"name"`
	Phone  string `json:"phone"`
	Role   string `json:"role" doc:"key or title of a role"`
	Place  string `json:"place" doc:"code of an area or organisation, or its name where only one has it"`
	From   string `json:"from" doc:"first day; empty: at once"`
	To     string `json:"to" doc:"last day; empty: open end"`
	Deputy string `json:"deputy" doc:"yes or 是 for a deputy"`
}

// importHeadings are the words the columns may have.
var importHeadings = [][]string{
	{"login", "登录名", "账号", "帐号", "用户名"},
	{"name", "姓名", "名字"},
	{"phone", "电话", "手机", "手机号", "联系电话"},
	{"role", "岗位", "职务"},
	{"place", "地点", "区域", "单位", "区域编码", "组织", "网格", "所在区域"},
	{"from", "开始", "开始日期", "任职日期"},
	{"to", "结束", "结束日期", "到期日期"},
	{"deputy", "代岗", "是否代岗", "代理", "是否代理"},
}

// ReadRows takes the lines of a sheet, headings first, in any order of columns.
//
// Errors: Invalid "bad-sheet" naming the heading that is missing, repeated or not known.
func ReadRows(lines [][]string) ([]ImportRow, error) {
	bad := fault.New(fault.Invalid, "bad-sheet", "表头有误", "The headings are wrong")
	if len(lines) == 0 {
		return nil, bad.At("rows[1]", "empty", "表是空的", "The sheet is empty")
	}
	column := map[string]int{}
	for i, cell := range lines[0] {
		word := strings.ToLower(strings.TrimSpace(norm.NFKC.String(strings.TrimPrefix(cell, "\ufeff"))))
		if word == "" {
			continue
		}
		at := slices.IndexFunc(importHeadings, func(words []string) bool { return slices.Contains(words, word) })
		field := fmt.Sprintf("rows[1].%d", i+1)
		if at < 0 {
			bad.At(field, "unknown-column", "不认识的列:"+word, "This column is not known: "+word)
			continue
		}
		key := importHeadings[at][0]
		if _, twice := column[key]; twice {
			bad.At(field, "repeated", "重复的列:"+word, "This column is there twice: "+word)
		}
		column[key] = i
	}
	for _, need := range []string{"login", "name"} {
		if _, ok := column[need]; !ok {
			bad.At("rows[1]", "missing-column", "缺少列:"+map[string]string{"login": "登录名", "name": "姓名"}[need], "A column is missing: "+need)
		}
	}
	if len(bad.Fields) > 0 {
		return nil, bad
	}
	var out []ImportRow
	for n, line := range lines[1:] {
		get := func(key string) string {
			if i, ok := column[key]; ok && i < len(line) {
				return strings.TrimSpace(line[i])
			}
			return ""
		}
		r := ImportRow{Row: n + 2, Login: get("login"), Name: get("name"), Phone: get("phone"), Role: get("role"), Place: get("place"), From: get("from"), To: get("to"), Deputy: get("deputy")}
		if strings.TrimSpace(strings.Join(line, "")) != "" {
			out = append(out, r)
		}
	}
	return out, nil
}

// ImportCommand takes many people at once.
type ImportCommand struct {
	Rows      []ImportRow
	DryRun    bool // tell what would happen, keep nothing
	Passwords bool // make one-time passwords for the new accounts
}

// RowError is one wrong cell.
type RowError struct {
	Row   int       `json:"row"`
	Field string    `json:"field"`
	Code  string    `json:"code"`
	Text  lang.Text `json:"text"`
}

// InitialPassword is a one-time password of a new account, shown once.
type InitialPassword struct {
	Row      int    `json:"row"`
	Login    string `json:"login"`
	Name     string `json:"name"`
	Password string `json:"password"`
}

// ImportResult tells what became of every row: rows = good + rows named in Errors.
type ImportResult struct {
	Rows      int               `json:"rows"`
	Good      int               `json:"good" doc:"rows taken, unchanged ones included"`
	Accounts  int               `json:"accounts" doc:"accounts made"`
	Appointed int               `json:"appointed" doc:"appointments made"`
	Unchanged int               `json:"unchanged" doc:"rows that say what is so already"`
	Errors    []RowError        `json:"errors,omitempty"`
	Passwords []InitialPassword `json:"passwords,omitempty"`
}

// errDryRun takes a transaction back that was only tried.
var errDryRun = errors.New("only tried")

// Import takes the good rows in one transaction and names what is wrong with the others. A row that says what is so
// already changes nothing, so a sheet can be corrected and sent again. Permission: import and staff.write, and
// for each row as for Appoint.
func (s *Service) Import(ctx context.Context, actor *Actor, cmd ImportCommand) (ImportResult, error) {
	if !actor.Anywhere("import") || !actor.Anywhere(StaffWrite) {
		return ImportResult{}, forbidden("您没有批量导入人员的权限", "You may not import people")
	}
	if len(cmd.Rows) > maxImportRows {
		return ImportResult{}, fault.Newf(fault.TooLarge, "too-many-rows", "一次最多导入 %[1]d 行,请分批", "At most %[1]d rows are taken at once; split the sheet", maxImportRows)
	}
	im := &importer{s: s, actor: actor, passwords: map[string]string{}, hashes: map[string]string{}, names: s.placesByName()}
	if cmd.Passwords && !cmd.DryRun {
		if err := im.drawPasswords(ctx, cmd.Rows); err != nil {
			return ImportResult{}, err
		}
	}
	err := s.change(ctx, func(tx *database.Tx, c *change) error {
		if err := im.run(tx, c, cmd.Rows); err != nil {
			return err
		}
		if cmd.DryRun {
			return errDryRun
		}
		return nil
	})
	if err != nil && !errors.Is(err, errDryRun) {
		return ImportResult{}, err
	}
	return im.out, nil
}

// importer is one import under way.
type importer struct {
	s         *Service
	actor     *Actor
	names     map[string][]string // name -> codes
	passwords map[string]string   // by login
	hashes    map[string]string

	reg     *registry // with what the rows before brought
	byLogin map[string]*Account
	out     ImportResult
}

// drawPasswords makes the passwords before the transaction, for hashing takes its time.
func (im *importer) drawPasswords(ctx context.Context, rows []ImportRow) error {
	have := im.s.reg.Load().logins()
	for _, r := range rows {
		login := normalLogin(r.Login)
		if have[login] != nil || im.passwords[login] != "" {
			continue
		}
		password, err := drawPassword()
		if err != nil {
			return err
		}
		if im.hashes[login], err = im.s.hasher.hash(ctx, password, oneTime); err != nil {
			return err
		}
		im.passwords[login] = password
	}
	return nil
}

func (r *registry) logins() map[string]*Account {
	out := make(map[string]*Account, len(r.accounts))
	for _, a := range r.accounts {
		out[a.Login] = a
	}
	return out
}

// run begins from nothing each time, for a transaction may be run again.
func (im *importer) run(tx *database.Tx, c *change, rows []ImportRow) error {
	im.out = ImportResult{Rows: len(rows)}
	im.byLogin = c.before.logins()
	im.reg = &registry{accounts: maps.Clone(c.before.accounts), byAccount: maps.Clone(c.before.byAccount)}
	for _, row := range rows {
		err := im.row(tx, c, row)
		var f *fault.Error
		switch {
		case err == nil:
			im.out.Good++
		case errors.As(err, &f) && f.Kind != fault.Internal && f.Kind != fault.Unavailable:
			im.wrong(row.Row, f)
		default:
			return fmt.Errorf("row %d: %w", row.Row, err)
		}
	}
	return nil
}

func (im *importer) wrong(row int, f *fault.Error) {
	if len(f.Fields) == 0 {
		im.out.Errors = append(im.out.Errors, RowError{Row: row, Code: f.Code, Text: f.Text})
	}
	for _, field := range f.Fields {
		im.out.Errors = append(im.out.Errors, RowError{Row: row, Field: field.Name, Code: field.Code, Text: field.Text})
	}
}

// row checks everything before it writes anything, so that a wrong row leaves nothing behind.
func (im *importer) row(tx *database.Tx, c *change, r ImportRow) error {
	cmd := CreateAccountCommand{Login: r.Login, Name: r.Name, Phone: r.Phone}
	if err := cmd.check(); err != nil {
		return err
	}
	account, isNew := im.byLogin[cmd.Login], false
	if account == nil {
		id, err := newID()
		if err != nil {
			return err
		}
		isNew = true
		account = &Account{ID: id, Login: cmd.Login, Name: cmd.Name, Active: true}
	} else if err := im.same(tx, account, cmd); err != nil {
		return err
	}
	appoint, err := im.appointment(r, account, tx.Now)
	if err != nil {
		return err
	}
	unchanged := !isNew
	if appoint != nil {
		if slices.ContainsFunc(im.reg.byAccount[account.ID], func(a *Appointment) bool {
			return a.Post == appoint.Post && a.Deputy == appoint.Deputy && (r.From == "" && a.Spans(tx.Now) || a.From.Equal(appoint.From)) && a.To.Equal(appoint.To)
		}) {
			appoint = nil
		} else {
			unchanged = false
			reg := &registry{accounts: map[string]*Account{account.ID: account}, byAccount: im.reg.byAccount}
			if err := im.s.checkAppointment(reg, im.actor, *appoint, tx.Now); err != nil {
				return err
			}
		}
	}
	if unchanged {
		im.out.Unchanged++
		return nil
	}
	return im.keep(tx, c, r.Row, cmd, account, isNew, appoint)
}

func (im *importer) keep(tx *database.Tx, c *change, row int, cmd CreateAccountCommand, account *Account, isNew bool, appoint *Appointment) error {
	if isNew {
		cmd.ID, cmd.MustChange = account.ID, im.hashes[cmd.Login] != ""
		if _, err := im.s.insertAccount(tx, im.actor, c, cmd, im.hashes[cmd.Login]); err != nil {
			return err
		}
		im.byLogin[cmd.Login] = account
		im.reg.accounts[account.ID] = account
		im.out.Accounts++
		if p := im.passwords[cmd.Login]; p != "" {
			im.out.Passwords = append(im.out.Passwords, InitialPassword{Row: row, Login: cmd.Login, Name: cmd.Name, Password: p})
		}
	}
	if appoint == nil {
		return nil
	}
	if err := im.s.insertAppointment(tx, im.actor, c, *appoint); err != nil {
		return err
	}
	im.reg.byAccount[account.ID] = append(slices.Clone(im.reg.byAccount[account.ID]), appoint)
	im.out.Appointed++
	return nil
}

// same tells whether the row means the account that has the login.
func (im *importer) same(tx *database.Tx, account *Account, cmd CreateAccountCommand) error {
	if account.Name != cmd.Name {
		return fault.New(fault.Conflict, "login-of-another", "登录名已属于他人", "The login belongs to somebody else").
			At("name", "login-of-another", "登录名 "+cmd.Login+" 已属于 "+account.Name+",请更换登录名或先修改姓名", "The login "+cmd.Login+" belongs to "+account.Name+"; use another login, or change the name first")
	}
	if cmd.Phone == "" {
		return nil
	}
	var blind string
	if err := tx.Row(`SELECT phone_blind FROM staff_account WHERE id = $1`, account.ID).Scan(&blind); err != nil {
		return fmt.Errorf("reading a phone: %w", err)
	}
	if blind != im.s.box.Blind("phone", cmd.Phone) {
		return fault.New(fault.Conflict, "phone-differs", "电话与已登记的不同", "The phone differs from the one kept").
			At("phone", "phone-differs", "与已登记的电话不同,导入不会修改,请在人员页更改或留空", "Differs from the one kept, which an import does not change; change it with the person, or leave this empty")
	}
	return nil
}

// appointment reads the post of the row; nil when it names none.
func (im *importer) appointment(r ImportRow, account *Account, now time.Time) (*Appointment, error) {
	if r.Role == "" && r.Place == "" && r.From == "" && r.To == "" && r.Deputy == "" {
		return nil, nil
	}
	bad := badAppointment()
	role, ok := im.s.roles.find(r.Role)
	if !ok {
		bad.At("role", "unknown-role", "没有岗位“"+r.Role+"”", "There is no role \""+r.Role+"\"")
	}
	place := im.place(bad, r.Place)
	a := &Appointment{Account: account.ID, From: now}
	if r.From != "" {
		if a.From, ok = readDate(r.From); !ok {
			bad.At("from", "date", "日期应形如 2026-01-31", "A date looks like 2026-01-31")
		}
	}
	if r.To != "" {
		if a.To, ok = readDate(r.To); !ok {
			bad.At("to", "date", "日期应形如 2026-12-31", "A date looks like 2026-12-31")
		}
		a.To = a.To.AddDate(0, 0, 1) // the last day counts whole
	}
	switch strings.ToLower(r.Deputy) {
	case "", "否", "no", "n", "false", "0":
	case "是", "代岗", "代理", "yes", "y", "true", "1", "√":
		a.Deputy = true
	default:
		bad.At("deputy", "yes-no", "请填“是”或“否”", "Say yes or no")
	}
	if len(bad.Fields) > 0 {
		return nil, bad
	}
	a.Post = MakePost(role.Key, place)
	return a, nil
}

func (im *importer) place(bad *fault.Error, word string) string {
	if im.s.tree().Path(word) != "" || word == Everywhere {
		return word
	}
	switch codes := im.names[word]; {
	case len(codes) == 1:
		return codes[0]
	case len(codes) > 1:
		list := strings.Join(codes[:min(5, len(codes))], ", ")
		bad.At("place", "ambiguous", "有 "+strconv.Itoa(len(codes))+" 处叫“"+word+"”,请填编码:"+list, strconv.Itoa(len(codes))+" places are called \""+word+"\"; give the code: "+list)
	case word == "":
		bad.At("place", "required", "请填区域或组织的编码或名称", "Give the code or name of an area or organisation")
	default:
		bad.At("place", "unknown-place", "没有区域或组织“"+word+"”", "There is no area or organisation \""+word+"\"")
	}
	return ""
}

func (s *Service) placesByName() map[string][]string {
	out := map[string][]string{}
	for _, a := range s.tree().Areas() {
		if !a.Closed {
			out[a.Name] = append(out[a.Name], a.Code)
		}
	}
	for _, o := range s.tree().AllOrgs() {
		if !o.Closed {
			out[o.Name] = append(out[o.Name], o.Code)
		}
	}
	return out
}

// readDate takes the ways dates are written in sheets; the day begins at midnight in China.
func readDate(s string) (time.Time, bool) {
	plain := norm.NFKC.String(strings.TrimSpace(s))
	for _, layout := range []string{"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102", "2006-1-2 15:04:05", "2006/1/2 15:04:05"} {
		if t, err := time.ParseInLocation(layout, plain, chinaTime); err == nil {
			return t, t.Year() >= 1949 && t.Year() < 2200
		}
	}
	return time.Time{}, false
}
