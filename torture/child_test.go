package torture

import "os"

// childVariable names what the test binary does instead of testing when a test starts it.
const childVariable = "LINLI_TORTURE_CHILD"

func child() int {
	if os.Getenv(childVariable) == "serve" {
		return childServe()
	}
	return 64
}
