import { computed, ref } from 'vue'
import { api, ask, Refusal, whenSessionEnds, type Schemas } from './api/client'

/** Who is signed in on this page. The secret is in a cookie that scripts cannot read. */
type Me = Schemas['MeView']
const me = ref<Me>()
const known = ref(false)

export function useSession() {
  return {
    me,
    /** Asked the server at least once. */
    known,
    signedIn: computed(() => !!me.value),

    /** Finds out who is signed in; undefined when nobody is. Throws when the server cannot be reached. */
    async read(): Promise<Me | undefined> {
      try {
        me.value = await ask(api.GET('/api/v1/me'))
      } catch (e) {
        if (!(e instanceof Refusal) || e.status !== 401) throw e
        me.value = undefined
      }
      known.value = true
      return me.value
    },

    async signIn(login: string, password: string): Promise<Me> {
      const answer = await ask(api.POST('/api/v1/session', { body: { login, password } }))
      me.value = answer.me
      known.value = true
      return answer.me
    },

    /** After it nothing is asked of who came with a one-time password; every other session of the account has ended. */
    async changePassword(old: string, fresh: string) {
      await ask(api.PUT('/api/v1/me/password', { body: { old, new: fresh } }))
      if (me.value) me.value = { ...me.value, must_change: false }
    },

    async signOut() {
      await ask(api.DELETE('/api/v1/session'))
      me.value = undefined
    },
  }
}

/**
 * When the session ends while somebody is at work, one dialog opens for all that waits; then everything goes on where it was.
 * `again` is how that dialog answers, undefined while none is open. Where nobody is at work there is nothing to go on with.
 */
export function useSignInAgain(atWork: () => boolean) {
  const again = ref<(signedIn: boolean) => void>()
  let asking: Promise<boolean> | undefined
  function askAgain(): Promise<boolean> {
    if (!atWork()) return Promise.resolve(false)
    asking ??= new Promise<boolean>((answer) => {
      again.value = (signedIn) => {
        again.value = undefined
        asking = undefined
        answer(signedIn)
      }
    })
    return asking
  }
  whenSessionEnds(askAgain)
  return { again, askAgain }
}
