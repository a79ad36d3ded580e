package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// renumbered is the file of a model in use under another version number.
func renumbered(t *testing.T, w *world, name, version string) string {
	t.Helper()
	a := w.call(w.secret("guanli"), "GET", "/api/v1/models/"+name, nil)
	text, _ := a.body["text"].(string)
	now, _ := a.body["version"].(string)
	if a.status != http.StatusOK || !strings.Contains(text, `version: "`+now+`"`) {
		t.Fatalf("%s: %d %s", name, a.status, a.raw)
	}
	return strings.Replace(text, `version: "`+now+`"`, `version: "`+version+`"`, 1)
}

func TestAVersionIsPutIntoUseOverTheWireAndThoseWhoFollowHearOfIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const path = "/api/v1/models/seven-step/activations"
		admin := w.secret("guanli")
		officer := follow(t, w.srv.URL, w.secret("paidan"), "")
		officer.next("hello", "")
		open := w.light()
		text := renumbered(t, w, "seven-step", "2026.2")

		broken := w.call(admin, "POST", path, form{"base": 0, "reason": "试", "text": strings.Replace(text, "to: handle", "to: nowhere", 1)})
		equal(t, "status of a broken one", broken.status, http.StatusUnprocessableEntity)
		equal(t, "code of a broken one", broken.body["code"], any("model-unsound"))
		if !strings.Contains(broken.raw, `"field":"text:`) || !strings.Contains(broken.raw, "nowhere") {
			t.Errorf("a broken one is refused without its place: %s", broken.raw)
		}
		done := w.call(admin, "POST", path, form{"base": 0, "reason": "县里新规定", "text": text})
		equal(t, "status", done.status, http.StatusCreated)
		told := officer.next("models", "")
		if ids, _ := told.data["active"].([]any); len(ids) == 0 {
			t.Errorf("told %+v", told)
		}
		second := w.call(admin, "POST", path, form{"base": 0, "reason": "没看见", "model": "seven-step@2026.1"})
		equal(t, "status of who was second", second.status, http.StatusConflict)
		equal(t, "code of who was second", second.body["code"], any("stale-model"))
		if !strings.Contains(second.raw, "县里新规定") || !strings.Contains(second.raw, `"revision":1`) {
			t.Errorf("who was second is not told what came: %s", second.raw)
		}

		if v := w.call(w.secret("paidan"), "GET", "/api/v1/cases/"+open.id, nil); !strings.Contains(v.raw, `"newer":{"id":"seven-step@2026.2"`) || v.body["model"] != any("seven-step@2026.1") {
			t.Errorf("the open case does not tell of the newer version: %s", v.raw)
		}
		fresh := w.light()
		v := w.call(w.secret("paidan"), "GET", "/api/v1/cases/"+fresh.id, nil)
		equal(t, "model of a new case", v.body["model"], any("seven-step@2026.2"))
		if v.body["newer"] != nil {
			t.Errorf("a case of the version in use has a newer one: %v", v.body["newer"])
		}
		list := w.call(admin, "GET", path, nil)
		equal(t, "active", list.body["active"], any("seven-step@2026.2"))
		compared := w.call(admin, "GET", "/api/v1/models/seven-step@2026.2/compare?with=whistle", nil)
		if differences, _ := compared.body["differences"].([]any); len(differences) < 10 {
			t.Errorf("seven steps and a whistle differ in little: %s", compared.raw)
		}
		back := w.call(admin, "POST", path+"/1/withdraw", form{"base": 1, "reason": "再看看"})
		equal(t, "status of a withdrawal", back.status, http.StatusOK)
		officer.next("models", "")
		equal(t, "gone twice", w.call(admin, "POST", path+"/1/withdraw", form{"base": 2, "reason": "再看看"}).body["code"], any("activation-over"))
		equal(t, "never was", w.call(admin, "POST", path+"/9/withdraw", form{"base": 2, "reason": "再看看"}).body["code"], any("no-activation"))
		log := w.call(admin, "GET", "/api/v1/access-log?page_size=20", nil)
		for _, what := range []string{"model.activate", "model.withdraw"} {
			if !strings.Contains(log.raw, what) {
				t.Errorf("the access log does not have %s", what)
			}
		}
	})
}
