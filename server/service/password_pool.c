/* SPDX-License-Identifier: MIT */
#include "server/service/password_pool.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <sodium.h>

#include "common/base/text.h"

_Static_assert((int)PASSWORD_HASH_SIZE >= (int)crypto_pwhash_STRBYTES, "room for the PHC string");

enum job_kind { JOB_VERIFY, JOB_HASH };

struct job {
    struct job *next;
    enum job_kind kind;
    bool known; /* VERIFY: hash is that of the account, not the stand-in */
    bool verified;
    bool done;
    char password[PASSWORD_SIZE];
    char hash[PASSWORD_HASH_SIZE];
    password_fn fn;
    void *arg;
    struct err err;
};

struct job_list {
    struct job *first;
    struct job **last;
};

struct password_pool {
    pthread_t thread;
    bool started;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    bool stop; /* under mutex, as the two lists */
    struct job_list todo;
    struct job_list finished;
    int busy; /* loop only */
    int limit;
    int fd;
    struct event *event;
    char stand_in[PASSWORD_HASH_SIZE];
};

static void list_init(struct job_list *l)
{
    l->first = NULL;
    l->last = &l->first;
}

static void list_push(struct job_list *l, struct job *j)
{
    j->next = NULL;
    *l->last = j;
    l->last = &j->next;
}

static struct job *list_pop(struct job_list *l)
{
    struct job *j = l->first;
    if (j) {
        l->first = j->next;
        if (!l->first)
            l->last = &l->first;
    }
    return j;
}

int password_hash_now(const char *password, char out[PASSWORD_HASH_SIZE], struct err *e)
{
    if (crypto_pwhash_str(out, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE))
        return err_set(e, ERR_NOMEM, "There is not enough memory (64 MiB) to hash a password; try again later.");
    return 0;
}

static void job_run(struct password_pool *p, struct job *j)
{
    if (j->kind == JOB_HASH) {
        if (password_hash_now(j->password, j->hash, &j->err))
            j->hash[0] = '\0';
    } else {
        /* Without memory for argon2 this says no as well; the account's owner tries again. */
        bool fits = crypto_pwhash_str_verify(j->known ? j->hash : p->stand_in, j->password, strlen(j->password)) == 0;
        j->verified = fits && j->known;
    }
    j->done = true;
    sodium_memzero(j->password, sizeof(j->password));
}

static void *thread_main(void *arg)
{
    struct password_pool *p = arg;
    uint64_t one = 1;

    pthread_mutex_lock(&p->mutex);
    for (;;) {
        struct job *j;
        while (!p->stop && !p->todo.first)
            pthread_cond_wait(&p->wake, &p->mutex);
        if (p->stop)
            break;
        j = list_pop(&p->todo);
        pthread_mutex_unlock(&p->mutex);
        job_run(p, j);
        pthread_mutex_lock(&p->mutex);
        list_push(&p->finished, j);
        /* An eventfd counter never fills up at this rate; a failed write cannot happen otherwise. */
        if (write(p->fd, &one, sizeof(one)) < 0)
            continue;
    }
    pthread_mutex_unlock(&p->mutex);
    return NULL;
}

static void job_answer(struct password_pool *p, struct job *j)
{
    struct err gone;

    if (!j->done)
        err_set(&j->err, ERR_UNAVAILABLE, "The server is stopping; try again in a moment.");
    gone = j->err;
    p->busy--;
    j->fn(j->arg, j->verified, j->kind == JOB_HASH && j->done && !gone.code ? j->hash : NULL, &gone);
    sodium_memzero(j, sizeof(*j));
    free(j);
}

static void on_finished(evutil_socket_t fd, short what, void *arg)
{
    struct password_pool *p = arg;
    uint64_t n;
    struct job_list list;

    if (read(p->fd, &n, sizeof(n)) < 0)
        return;
    list_init(&list);
    pthread_mutex_lock(&p->mutex);
    if (p->finished.first) {
        list.first = p->finished.first;
        list.last = p->finished.last;
        list_init(&p->finished);
    }
    pthread_mutex_unlock(&p->mutex);
    for (struct job *j = list.first, *next; j; j = next) {
        next = j->next;
        job_answer(p, j);
    }
}

struct password_pool *password_pool_create(struct event_base *base, int queue_limit, struct err *e)
{
    struct password_pool *p;
    sigset_t all, old;
    int r;

    if (sodium_init() < 0) {
        err_set(e, ERR_INTERNAL, "libsodium could not be started: the system gives no random numbers.");
        return NULL;
    }
    p = calloc(1, sizeof(*p));
    if (!p) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        return NULL;
    }
    list_init(&p->todo);
    list_init(&p->finished);
    pthread_mutex_init(&p->mutex, NULL);
    pthread_cond_init(&p->wake, NULL);
    p->limit = queue_limit;
    p->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->fd < 0) {
        err_set(e, ERR_IO, "No file descriptor was left for the password thread; raise the limit of open files.");
        goto fail;
    }
    /* What an unknown login is checked against: same parameters, hence same work. */
    if (password_hash_now("no such account", p->stand_in, e))
        goto fail;
    p->event = event_new(base, p->fd, EV_READ | EV_PERSIST, on_finished, p);
    if (!p->event || event_add(p->event, NULL)) {
        err_set(e, ERR_NOMEM, "Out of memory.");
        goto fail;
    }
    /* Signals belong to the loop's thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    r = pthread_create(&p->thread, NULL, thread_main, p);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (r) {
        err_errno(e, r, "The password thread could not be started.");
        goto fail;
    }
    p->started = true;
    return p;
fail:
    password_pool_destroy(p);
    return NULL;
}

void password_pool_destroy(struct password_pool *p)
{
    struct job *j;

    if (!p)
        return;
    if (p->started) {
        pthread_mutex_lock(&p->mutex);
        p->stop = true;
        pthread_cond_signal(&p->wake);
        pthread_mutex_unlock(&p->mutex);
        pthread_join(p->thread, NULL);
    }
    while ((j = list_pop(&p->finished)))
        job_answer(p, j);
    while ((j = list_pop(&p->todo)))
        job_answer(p, j);
    if (p->event)
        event_free(p->event);
    if (p->fd >= 0)
        close(p->fd);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->mutex);
    free(p);
}

int password_pool_busy(const struct password_pool *p)
{
    return p->busy;
}

static int start(struct password_pool *p, enum job_kind kind, const char *hash, const char *password, password_fn fn, void *arg,
                 struct err *e)
{
    struct job *j;

    if (p->busy >= p->limit)
        return err_set(e, ERR_EXHAUSTED, "Too many people are logging in at this moment; try again in a few seconds.");
    j = calloc(1, sizeof(*j));
    if (!j)
        return err_set(e, ERR_NOMEM, "The server is out of memory; try again later.");
    if (!text_copy(j->password, sizeof(j->password), password)) {
        free(j);
        return err_set(e, ERR_INVALID, "The password has more than 256 characters.");
    }
    j->kind = kind;
    j->known = hash != NULL;
    if (hash)
        text_copy(j->hash, sizeof(j->hash), hash);
    j->fn = fn;
    j->arg = arg;
    p->busy++;
    pthread_mutex_lock(&p->mutex);
    list_push(&p->todo, j);
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->mutex);
    return 0;
}

int password_pool_verify(struct password_pool *p, const char *hash, const char *password, password_fn fn, void *arg,
                         struct err *e)
{
    return start(p, JOB_VERIFY, hash, password, fn, arg, e);
}

int password_pool_hash(struct password_pool *p, const char *password, password_fn fn, void *arg, struct err *e)
{
    return start(p, JOB_HASH, NULL, password, fn, arg, e);
}
