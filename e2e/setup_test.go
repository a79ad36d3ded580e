package e2e

import (
	"net/http/httptest"
	"testing"
)

func TestOnlyAdministratorsReadHowFarTheSetupHasCome(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, login := range []string{"", "wangge", "zhuren"} {
			secret := ""
			if login != "" {
				secret = w.secret(login)
			}
			a := w.call(secret, "GET", "/api/v1/setup", nil)
			if steps, _ := a.body["steps"].([]any); a.status != 200 || a.body["needed"] != false || len(steps) != 0 {
				t.Errorf("%q: %d %s", login, a.status, a.raw)
			}
		}
		a := w.call(w.secret("guanli"), "GET", "/api/v1/setup", nil)
		done := map[string]any{}
		steps, _ := a.body["steps"].([]any)
		for _, s := range steps {
			step, _ := s.(map[string]any)
			done[step["step"].(string)] = step["done"]
		}
		for step, want := range map[string]any{"account": true, "county": true, "posts": true, "models": false} {
			equal(t, step, done[step], want)
		}
		if a := w.call(w.secret("guanli"), "POST", "/api/v1/setup/done/models", nil); a.status != 204 {
			t.Errorf("the models were looked at: %d %s", a.status, a.raw)
		}
		refusedAs(t, "a step there is not", w.call(w.secret("guanli"), "POST", "/api/v1/setup/done/coffee", nil), 404, "no-setup-step", "")
		refusedAs(t, "the account put off", w.call(w.secret("guanli"), "POST", "/api/v1/setup/done/account", nil), 409, "setup-account", "")
		// a demonstration comes with everything
		w.app.Config.Demo = true
		demo := httptest.NewServer(w.app.Server("test").Handler())
		t.Cleanup(demo.Close)
		secret := w.secret("guanli")
		w.srv = demo
		if a := w.call(secret, "GET", "/api/v1/setup", nil); a.status != 200 || a.body["needed"] != false {
			t.Errorf("a demonstration asks to be set up: %s", a.raw)
		}
	})
}

func TestViewsAreKeptOverHTTP(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		view := form{"title": "本村超期", "query": "scope=area&state=overdue", "columns": []string{"number", "title"}, "position": 2}
		if a := w.call(w.secret("paidan"), "PUT", "/api/v1/me/views/overdue-here", view); a.status != 200 || a.body["id"] != "overdue-here" || a.body["saved_at"] == nil {
			t.Fatalf("%d %s", a.status, a.raw)
		}
		list := w.call(w.secret("paidan"), "GET", "/api/v1/me/views", nil)
		if views, _ := list.body["views"].([]any); len(views) != 1 || !containsAny(list.raw, "本村超期") {
			t.Errorf("%s", list.raw)
		}
		refusedAs(t, "an id with capitals", w.call(w.secret("paidan"), "PUT", "/api/v1/me/views/Overdue", view), 422, "bad-view", "id")
		if a := w.call(w.secret("wangge"), "GET", "/api/v1/me/views", nil); containsAny(a.raw, "本村超期") {
			t.Errorf("somebody else reads it: %s", a.raw)
		}
		if a := w.call(w.secret("paidan"), "DELETE", "/api/v1/me/views/overdue-here", nil); a.status != 204 {
			t.Errorf("%d %s", a.status, a.raw)
		}
		refusedAs(t, "removed twice", w.call(w.secret("paidan"), "DELETE", "/api/v1/me/views/overdue-here", nil), 404, "no-view", "")
	})
}
