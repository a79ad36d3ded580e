package staff

import (
	"strings"
	"testing"

	"linli/internal/platform/database"
)

const freshPassword = "a phrase of my own"

// none tells of no outline.
func none(string) bool { return false }

func TestSetupMakesTheFirstAdministratorByTheCode(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		if needed := must(w.SetupNeeded(w.ctx)); !needed {
			t.Fatal("nothing is to be set up in an empty installation")
		}
		code, err := w.NewSetupCode(w.ctx)
		wantNone(t, err)
		command := func(code, login, password string) SetupCommand {
			return SetupCommand{Code: code, Login: login, Name: "李晓明", Password: password, Address: "10.0.0.7"}
		}
		_, err = w.SetUp(w.ctx, command("0000-0000-0000", "admin", freshPassword))
		wantCode(t, err, "setup-code")
		_, err = w.SetUp(w.ctx, command(code, "a", freshPassword))
		wantCode(t, err, "bad-account")
		for _, weak := range []string{"", "short"} {
			_, err = w.SetUp(w.ctx, command(code, "admin", weak))
			wantCode(t, err, "password-short")
		}
		// as people write it down
		made, err := w.SetUp(w.ctx, command(" "+strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(code, "-", " "), "0", "o")), "Admin", freshPassword))
		if err != nil || made.Login != "admin" || made.MustChange {
			t.Fatalf("%+v %v", made, err)
		}
		_, err = w.SetUp(w.ctx, command(code, "second", freshPassword))
		wantCode(t, err, "administrator-exists")
		_, err = w.NewSetupCode(w.ctx)
		wantCode(t, err, "administrator-exists")
		me, err := w.Authenticate(w.ctx, w.login("admin", freshPassword).Secret)
		if err != nil || !me.May(SystemAdmin, "/320682/") {
			t.Fatalf("%+v %v", me, err)
		}
		if needed := must(w.SetupNeeded(w.ctx)); needed {
			t.Fatal("still to be set up")
		}
		var codes int
		wantNone(t, w.db.Read(w.ctx, func(tx *database.Tx) error { return tx.Row(`SELECT count(*) FROM staff_setup_code`).Scan(&codes) }))
		if codes != 0 {
			t.Errorf("%d codes are left", codes)
		}
	})
}

func TestOnlyTheNewestSetupCodesWork(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		var codes []string
		for range setupCodesKept + 2 {
			codes = append(codes, must(w.NewSetupCode(w.ctx)))
			w.clock.pass(1e9)
		}
		_, err := w.SetUp(w.ctx, SetupCommand{Code: codes[0], Login: "admin", Name: "李", Password: freshPassword})
		wantCode(t, err, "setup-code")
		_, err = w.SetUp(w.ctx, SetupCommand{Code: codes[2], Login: "admin", Name: "李", Password: freshPassword})
		wantNone(t, err)
	})
}

func TestGuessingSetupCodesIsLockedOut(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		code := must(w.NewSetupCode(w.ctx))
		for range wrongPerAddress {
			_, err := w.SetUp(w.ctx, SetupCommand{Code: "1111-1111-1111", Login: "admin", Name: "李", Password: freshPassword, Address: "10.6.6.6"})
			wantCode(t, err, "setup-code")
		}
		_, err := w.SetUp(w.ctx, SetupCommand{Code: code, Login: "admin", Name: "李", Password: freshPassword, Address: "10.6.6.6"})
		wantCode(t, err, "sign-in-locked")
		_, err = w.SetUp(w.ctx, SetupCommand{Code: code, Login: "admin", Name: "李", Password: freshPassword, Address: "10.0.0.1"})
		wantNone(t, err)
	})
}

func TestSetupStepsAreTheAdministrators(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world) {
		before, err := w.Setup(w.ctx, nil, none)
		if err != nil || before.Administrator || before.Grids != 3 || before.Expected == 0 || before.Vacant == 0 {
			t.Fatalf("%+v %v", before, err)
		}
		admin, member := w.with("admin", MakePost(RoleAdministrator, Everywhere)), w.with("member", MakePost("grid-member", grid))
		_, err = w.Setup(w.ctx, member, none)
		if err == nil {
			t.Fatal("a grid member reads how far the setup has come")
		}
		if err := w.MarkSetup(w.ctx, member, SetupModels); err == nil {
			t.Fatal("a grid member marks a step")
		}
		wantCode(t, w.MarkSetup(w.ctx, admin, "coffee"), "no-setup-step")
		wantCode(t, w.MarkSetup(w.ctx, admin, SetupAccount), "setup-account")
		for range 2 {
			wantNone(t, w.MarkSetup(w.ctx, admin, SetupModels))
		}
		after, err := w.Setup(w.ctx, admin, func(code string) bool { return code == grid })
		if err != nil || !after.Administrator || after.Outlined != 1 || after.Placed != 1 || after.Vacant >= before.Vacant {
			t.Fatalf("%+v %v", after, err)
		}
		if at := after.Marked[SetupModels]; !at.Equal(start) {
			t.Errorf("marked at %v", at)
		}
	})
}
