package staff

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"linli/internal/area"
	"linli/internal/platform/audit"
	"linli/internal/platform/database"
	"linli/internal/platform/fault"
)

// Setup (开通) is what a new installation needs before neighbours can report. Its steps are done in any order; the
// account comes first, since whoever does the others has to be somebody.

// SetupSteps are the steps in the order a wizard shows them.
var SetupSteps = []string{SetupAccount, SetupCounty, SetupBoundaries, SetupPosts, SetupModels}

// The steps by name.
const (
	SetupAccount    = "account"    // the first administrator
	SetupCounty     = "county"     // the areas from the county down to the grids
	SetupBoundaries = "boundaries" // outlines of the grids
	SetupPosts      = "posts"      // people and the posts they hold
	SetupModels     = "models"     // the governance models, looked through
)

// SetupState is how far the setup has come.
type SetupState struct {
	Administrator bool                 // one was appointed at some time: the setup code is of no more use
	Marked        map[string]time.Time // steps that an administrator has looked at or put off
	Grids         int                  // open grids
	Outlined      int                  // of these with an outline
	Areas         int                  // open areas of any level
	Expected      int                  // posts that must exist
	Vacant        int                  // of these held by nobody
	Placed        int                  // living appointments besides those of administrators
}

// SetupNeeded tells whether the first administrator is still to be made. It is asked by every visitor of a new
// installation, and answered from memory once there is one.
func (s *Service) SetupNeeded(ctx context.Context) (bool, error) {
	if s.settled.Load() || len(s.reg.Load().admins) > 0 {
		return false, nil
	}
	n, err := s.administratorsEver(ctx)
	if err == nil && n > 0 {
		s.settled.Store(true) // appointments are never deleted, so it stays so
	}
	return n == 0, err
}

func (s *Service) administratorsEver(ctx context.Context) (n int, err error) {
	err = s.db.Read(ctx, func(tx *database.Tx) error {
		n, err = administrators(tx)
		return err
	})
	return n, err
}

// administrators counts those ever appointed, whether or not they still are.
func administrators(tx *database.Tx) (n int, err error) {
	if err := tx.Row(`SELECT count(*) FROM staff_appointment WHERE role = $1`, RoleAdministrator).Scan(&n); err != nil {
		return 0, fmt.Errorf("looking for administrators: %w", err)
	}
	return n, nil
}

// Setup gives how far the setup has come. outlined tells whether an outline of an area is stored. Permission: system.admin;
// nobody's while no administrator was made.
func (s *Service) Setup(ctx context.Context, actor *Actor, outlined func(code string) bool) (SetupState, error) {
	needed, err := s.SetupNeeded(ctx)
	if err != nil {
		return SetupState{}, err
	}
	st := SetupState{Administrator: !needed, Marked: map[string]time.Time{}}
	if st.Administrator && !actor.Anywhere(SystemAdmin) {
		return st, forbidden("只有系统管理员可以查看开通进度", "Only an administrator may see how far the setup has come")
	}
	for _, a := range s.tree().Areas() {
		if a.Closed {
			continue
		}
		st.Areas++
		if a.Level == area.Grid {
			st.Grids++
			if outlined(a.Code) {
				st.Outlined++
			}
		}
	}
	now := s.now()
	st.Expected, st.Vacant = s.expectedPosts(), len(s.Vacancies(now, everywherePath))
	reg := s.reg.Load()
	for _, list := range reg.byAccount {
		for _, a := range list {
			if a.Post.Role() != RoleAdministrator && reg.living(a, now) {
				st.Placed++
			}
		}
	}
	return st, s.db.Read(ctx, func(tx *database.Tx) error {
		rows, err := database.All(tx, func(sc database.Scanner) (m mark, err error) { return m, sc.Scan(&m.step, &m.at) }, `SELECT step, at FROM staff_setup_step`)
		for _, m := range rows {
			st.Marked[m.step] = database.Time(m.at)
		}
		return err
	})
}

type mark struct {
	step string
	at   int64
}

// expectedPosts counts the posts that must exist.
func (s *Service) expectedPosts() (n int) {
	tree := s.tree()
	atLevel, atKind := s.roles.expected()
	for _, a := range tree.Areas() {
		if !a.Closed {
			n += len(atLevel[a.Level])
		}
	}
	for _, o := range tree.AllOrgs() {
		if !o.Closed {
			n += len(atKind[o.Kind])
		}
	}
	return n
}

// MarkSetup marks a step as looked at, or put off until later; doing it twice is once. Permission: system.admin.
//
// Errors: NotFound "no-setup-step"; Conflict "setup-account" for the step that cannot be put off.
func (s *Service) MarkSetup(ctx context.Context, actor *Actor, step string) error {
	if !actor.Anywhere(SystemAdmin) {
		return forbidden("只有系统管理员可以推进开通步骤", "Only an administrator may go on with the setup")
	}
	switch {
	case !slices.Contains(SetupSteps, step):
		return fault.Newf(fault.NotFound, "no-setup-step", "没有开通步骤 %[1]s", "There is no step %[1]s of the setup", step)
	case step == SetupAccount:
		return fault.New(fault.Conflict, "setup-account", "第一个管理员账号不能以后再建", "The first administrator cannot be put off")
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`INSERT INTO staff_setup_step (step, at, account) VALUES ($1, $2, $3) ON CONFLICT (step) DO NOTHING`, step, database.Millis(tx.Now), actor.ID())
		if err != nil || n == 0 {
			return err
		}
		return record(tx, actor, audit.Entry{What: "staff.setup", Object: step})
	})
}

// The setup code: twelve characters without those that are mistaken for one another, 60 random bits.
const (
	setupCodeLength = 12
	setupCodesKept  = 5 // several nodes may start at once, each with a code of its own
)

// crockford has no I, L, O and U.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// NewSetupCode draws the code with which the first administrator is made in the browser, as the terminal shows it. It
// works once and until there is an administrator; those drawn at earlier starts go on working, five at most.
//
// Errors: Conflict "administrator-exists" when none is needed.
func (s *Service) NewSetupCode(ctx context.Context) (string, error) {
	raw := make([]byte, 8)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("drawing a setup code: %w", err)
	}
	code := crockford.EncodeToString(raw)[:setupCodeLength]
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		n, err := administrators(tx)
		if err != nil {
			return err
		}
		if n > 0 {
			return administratorExists()
		}
		if _, err := tx.Exec(`DELETE FROM staff_setup_code WHERE hash NOT IN (SELECT hash FROM staff_setup_code ORDER BY made_at DESC, hash LIMIT $1)`, setupCodesKept-1); err != nil {
			return fmt.Errorf("removing old setup codes: %w", err)
		}
		if _, err := tx.Exec(`INSERT INTO staff_setup_code (hash, made_at) VALUES ($1, $2)`, hashSecret(code), database.Millis(tx.Now)); err != nil {
			return fmt.Errorf("keeping a setup code: %w", err)
		}
		return nil
	})
	return code[:4] + "-" + code[4:8] + "-" + code[8:], err
}

// plainCode is a setup code as it is stored: what people mistake for one another counts as one.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '-', ' ':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(code)))
}

// SetupCommand asks for the first administrator.
type SetupCommand struct {
	Code, Login, Name, Password string
	Address                     string // client address, for the lockout and the log
}

// SetUp makes the first administrator by the setup code. Permission: the code; wrong ones are counted by address like
// wrong passwords.
//
// Errors: Conflict "administrator-exists" when there is one; Forbidden "setup-code" for a wrong code; TooMany
// "sign-in-locked"; Invalid for the login, the name or the password.
func (s *Service) SetUp(ctx context.Context, cmd SetupCommand) (Account, error) {
	if needed, err := s.SetupNeeded(ctx); err != nil || !needed {
		if err == nil {
			err = administratorExists()
		}
		return Account{}, err
	}
	if len(cmd.Address) > 100 || !plainText(cmd.Address) {
		cmd.Address = "?"
	}
	if err := s.checkSetupCode(ctx, cmd); err != nil {
		return Account{}, err
	}
	id, err := newID()
	if err != nil {
		return Account{}, err
	}
	made := CreateAccountCommand{ID: id, Login: cmd.Login, Name: cmd.Name, Password: cmd.Password}
	if err := made.check(); err != nil {
		return Account{}, err
	}
	if made.Password == "" {
		return Account{}, checkPassword("", made.Login)
	}
	hash, err := s.hasher.hash(ctx, made.Password, s.opts.cost)
	if err != nil {
		return Account{}, err
	}
	return s.firstAdministrator(ctx, System().From(cmd.Address, ""), made, hash, plainCode(cmd.Code))
}

// checkSetupCode refuses a wrong code before anything costly is done, and counts it.
func (s *Service) checkSetupCode(ctx context.Context, cmd SetupCommand) error {
	right := false
	if err := s.db.Write(ctx, func(tx *database.Tx) error {
		guard := guardOfAddress(cmd.Address)
		from, err := readGuard(tx, guard, "")
		if err != nil {
			return err
		}
		if err := from.refuse(tx.Now); err != nil {
			return err
		}
		if right, err = setupCodeIs(tx, plainCode(cmd.Code)); err != nil || right {
			return err
		}
		if err := wrongFrom(tx, guard); err != nil {
			return err
		}
		return audit.Record(tx, audit.Entry{What: "staff.setup-failed", Address: cmd.Address})
	}); err != nil {
		return err
	}
	if !right {
		return wrongSetupCode()
	}
	return nil
}

func setupCodeIs(tx *database.Tx, code string) (bool, error) {
	var n int
	if err := tx.Row(`SELECT count(*) FROM staff_setup_code WHERE hash = $1`, hashSecret(code)).Scan(&n); err != nil {
		return false, fmt.Errorf("looking for a setup code: %w", err)
	}
	return n > 0, nil
}

// firstAdministrator stores the account with its post, unless somebody was quicker. A code is used up with all others;
// without one the machine itself asks.
func (s *Service) firstAdministrator(ctx context.Context, actor *Actor, cmd CreateAccountCommand, hash, code string) (made Account, err error) {
	err = s.change(ctx, func(tx *database.Tx, c *change) error {
		n, err := administrators(tx)
		if err != nil {
			return err
		}
		if n > 0 {
			return administratorExists()
		}
		if code != "" {
			if right, err := setupCodeIs(tx, code); err != nil || !right {
				if err == nil {
					err = wrongSetupCode()
				}
				return err
			}
		}
		if _, err := tx.Exec(`DELETE FROM staff_setup_code`); err != nil {
			return fmt.Errorf("removing setup codes: %w", err)
		}
		if made, err = s.insertAccount(tx, actor, c, cmd, hash); err != nil {
			return err
		}
		return s.insertAppointment(tx, actor, c, Appointment{Account: cmd.ID, Post: MakePost(RoleAdministrator, Everywhere), From: tx.Now})
	})
	return made, err
}

func administratorExists() error {
	return fault.New(fault.Conflict, "administrator-exists", "已经有系统管理员,请由其添加其他管理员", "There is an administrator already, who can add others")
}

func wrongSetupCode() error {
	return fault.New(fault.Forbidden, "setup-code", "开通码不对,请核对启动 linli serve 的终端上显示的开通码", "The setup code is wrong; see the terminal in which linli serve was started").
		At("code", "setup-code", "开通码不对", "wrong")
}
