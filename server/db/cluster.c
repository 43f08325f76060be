/* SPDX-License-Identifier: MIT */
#include "server/db/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/text.h"

enum { VERSION_MIN = 14, INITDB_TIMEOUT_MS = 300 * 1000, CONF_MAX = 64 * 1024 };

static int path_format(char out[PATH_MAX], struct err *e, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int path_format(char out[PATH_MAX], struct err *e, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(out, PATH_MAX, fmt, ap);
    va_end(ap);
    if (n < 0 || n >= PATH_MAX)
        return err_set(e, ERR_INVALID, "The folder's path is too long.");
    return 0;
}

/* A folder that belongs to the account PostgreSQL runs as. One that is there already stays as it is. */
static int make_dir(const struct cluster *c, const char *path, mode_t mode, struct err *e)
{
    if (mkdir(path, mode) != 0) {
        if (errno != EEXIST)
            return err_errno(e, errno, "The folder %s cannot be made.", path);
        return 0;
    }
    if (chmod(path, mode) != 0) /* whatever the umask */
        return err_errno(e, errno, "The folder %s cannot be made.", path);
    if (c->user.switch_user && chown(path, c->user.uid, c->user.gid) != 0)
        return err_errno(e, errno, "The folder %s cannot be handed to the database's account.", path);
    return 0;
}

/* The folders above it, which stay ours. */
static int make_parents(const char *path, struct err *e)
{
    char part[PATH_MAX];
    if (!text_copy(part, sizeof part, path))
        return err_set(e, ERR_INVALID, "The folder's path is too long.");
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(part, 0755) != 0 && errno != EEXIST)
            return err_errno(e, errno, "The folder %s cannot be made.", part);
        *slash = '/';
    }
    return 0;
}

static uint64_t fnv1a(const char *s)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return h;
}

/* Elsewhere anybody could have made the folder before us; it must be ours alone. */
static int check_private(const struct cluster *c, struct err *e)
{
    struct stat st;
    if (lstat(c->run, &st) != 0)
        return err_errno(e, errno, "The folder %s for the database's socket cannot be used.", c->run);
    if (!S_ISDIR(st.st_mode) || st.st_uid != c->user.uid || (st.st_mode & 077) != 0)
        return err_set(e, ERR_DENIED,
                       "The folder %s for the database's socket does not belong to the database's account alone. Remove it, or "
                       "use a data folder with a shorter path.",
                       c->run);
    return 0;
}

static int make_run_dir(struct cluster *c, struct err *e)
{
    struct sockaddr_un sun;
    int ret = path_format(c->run, e, "%s/run", c->dir);
    if (ret)
        return ret;
    /* libpq takes a comma for the end of a host, and the server has its own opinion about quotation marks. */
    if (strlen(c->run) + strlen("/.s.PGSQL.5432") + 1 > sizeof sun.sun_path || strpbrk(c->run, ",\"")) {
        char base[64];
        (void)snprintf(base, sizeof base, "/run/user/%u", (unsigned)c->user.uid);
        if (c->user.switch_user || access(base, W_OK) != 0)
            (void)text_copy(base, sizeof base, "/tmp");
        c->run_moved = true;
        ret = path_format(c->run, e, "%s/wangge-%016llx", base, (unsigned long long)fnv1a(c->dir));
        if (ret)
            return ret;
    }
    ret = make_dir(c, c->run, 0700, e);
    return ret ? ret : check_private(c, e);
}

int cluster_bin_version(const char *dir)
{
    char path[PATH_MAX], out[128], initdb[PATH_MAX];
    struct proc_user self = {0};
    struct err e;
    if (path_format(path, &e, "%s/postgres", dir) || path_format(initdb, &e, "%s/initdb", dir))
        return 0;
    if (access(path, X_OK) != 0 || access(initdb, X_OK) != 0)
        return 0;
    const char *const argv[] = {path, "--version", NULL};
    if (proc_run(&self, argv, out, sizeof out, 10000, &e))
        return 0;
    const char *p = strstr(out, "(PostgreSQL) "); /* postgres (PostgreSQL) 15.20 (Debian ...) */
    return p ? (int)strtol(p + strlen("(PostgreSQL) "), NULL, 10) : 0;
}

struct candidate {
    int want; /* major version, 0: the newest */
    int best;
    char dir[PATH_MAX];
};

static void consider(struct candidate *cand, const char *dir)
{
    int version = cluster_bin_version(dir);
    if (version < VERSION_MIN || (cand->want && version != cand->want) || version <= cand->best)
        return;
    cand->best = version;
    (void)text_copy(cand->dir, sizeof cand->dir, dir);
}

static void consider_pg_config(struct candidate *cand)
{
    static const char *const places[] = {"/usr/bin/pg_config", "/usr/local/bin/pg_config", "/usr/local/pgsql/bin/pg_config"};
    struct proc_user self = {0};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        char out[PATH_MAX];
        struct err e;
        const char *const argv[] = {places[i], "--bindir", NULL};
        if (access(places[i], X_OK) != 0 || proc_run(&self, argv, out, sizeof out, 10000, &e))
            continue;
        out[strcspn(out, "\n")] = '\0';
        consider(cand, out);
    }
}

static void consider_path(struct candidate *cand)
{
    const char *path = getenv("PATH");
    for (const char *p = path ? path : ""; *p;) {
        char dir[PATH_MAX];
        size_t n = strcspn(p, ":");
        if (n > 0 && n < sizeof dir) {
            memcpy(dir, p, n);
            dir[n] = '\0';
            consider(cand, dir);
        }
        p += n + (p[n] == ':');
    }
}

static int data_version(const struct cluster *c)
{
    char path[PATH_MAX], line[16] = "";
    struct err e;
    if (path_format(path, &e, "%s/PG_VERSION", c->data))
        return 0;
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    int version = fgets(line, sizeof line, f) ? (int)strtol(line, NULL, 10) : 0;
    (void)fclose(f);
    return version;
}

static int find_bindir(struct cluster *c, const char *bindir, struct err *e)
{
    struct candidate cand = {.want = data_version(c)};
    if (bindir) {
        consider(&cand, bindir);
    } else {
        glob_t g = {0};
        consider_pg_config(&cand);
        (void)glob("/usr/lib/postgresql/*/bin", 0, NULL, &g);
        (void)glob("/usr/pgsql-*/bin", GLOB_APPEND, NULL, &g);
        for (size_t i = 0; i < g.gl_pathc; i++)
            consider(&cand, g.gl_pathv[i]);
        globfree(&g);
        if (!cand.best)
            consider_path(&cand);
    }
    if (!cand.best && cand.want)
        return err_set(e, ERR_PRECONDITION,
                       "The database in %s was made by PostgreSQL %d, whose programs are not found. Install that version, or "
                       "upgrade the folder with pg_upgrade.",
                       c->data, cand.want);
    if (!cand.best)
        return err_set(e, ERR_PRECONDITION,
                       "PostgreSQL's programs (version %d or newer) are not found%s%s. Install PostgreSQL's server package.",
                       (int)VERSION_MIN, bindir ? " in " : "", bindir ? bindir : "");
    (void)text_copy(c->bindir, sizeof c->bindir, cand.dir);
    return 0;
}

static int take_lock(struct cluster *c, struct err *e)
{
    char path[PATH_MAX];
    int ret = path_format(path, e, "%s/lock", c->dir);
    if (ret)
        return ret;
    c->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (c->lock_fd < 0)
        return err_errno(e, errno, "The file %s cannot be opened.", path);
    if (flock(c->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno == EWOULDBLOCK)
        return err_set(e, ERR_EXISTS, "Another process runs the database in %s. Stop it first, or use another folder.", c->dir);
    return err_errno(e, errno, "The file %s cannot be locked.", path);
}

/* The account PostgreSQL runs as must be able to get there: a folder below /root is out of its reach. */
static int check_reach(const struct cluster *c, struct err *e)
{
    const char *const argv[] = {"/usr/bin/test", "-x", c->log, NULL};
    if (!c->user.switch_user || proc_run(&c->user, argv, NULL, 0, 10000, NULL) == 0)
        return 0;
    return err_set(e, ERR_DENIED,
                   "The database's account cannot get to %s. Use a folder that other accounts can reach, for example below "
                   "/var/lib.",
                   c->dir);
}

int cluster_open(struct cluster *c, const char *dir, const char *bindir, const char *os_user, struct err *e)
{
    *c = (struct cluster){.lock_fd = -1};
    int ret = proc_user_init(&c->user, os_user ? os_user : "postgres", e);
    if (!ret)
        ret = make_parents(dir, e);
    if (!ret)
        ret = make_dir(c, dir, 0755, e);
    if (!ret && !realpath(dir, c->dir))
        ret = err_errno(e, errno, "The folder %s cannot be used.", dir);
    if (!ret)
        ret = take_lock(c, e);
    if (!ret)
        ret = path_format(c->data, e, "%s/data", c->dir);
    if (!ret)
        ret = path_format(c->log, e, "%s/log", c->dir);
    if (!ret)
        ret = make_dir(c, c->log, 0700, e);
    if (!ret)
        ret = check_reach(c, e);
    if (!ret)
        ret = make_run_dir(c, e);
    if (!ret)
        ret = find_bindir(c, bindir, e);
    if (ret)
        cluster_close(c);
    return ret;
}

void cluster_close(struct cluster *c)
{
    if (c->lock_fd >= 0)
        (void)close(c->lock_fd);
    c->lock_fd = -1;
}

static int write_file(const struct cluster *c, const char *path, int flags, const void *data, size_t len, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd < 0)
        return err_errno(e, errno, "The file %s cannot be written.", path);
    bool ok = write(fd, data, len) == (ssize_t)len && fsync(fd) == 0;
    if (ok && c->user.switch_user)
        ok = fchown(fd, c->user.uid, c->user.gid) == 0;
    int saved = errno;
    (void)close(fd);
    return ok ? 0 : err_errno(e, saved, "The file %s cannot be written.", path);
}

/* As ourselves: the database's account need not own the folder above. */
static int remove_tree(const char *path, struct err *e)
{
    const struct proc_user self = {0};
    const char *const argv[] = {"/bin/rm", "-rf", "--", path, NULL};
    return proc_run(&self, argv, NULL, 0, INITDB_TIMEOUT_MS, e);
}

static int run_initdb(const struct cluster *c, const char *fresh, struct err *e)
{
    char program[PATH_MAX], out[512];
    int ret = path_format(program, e, "%s/initdb", c->bindir);
    if (ret)
        return ret;
    /* Sorting by code point and nothing from the environment: the same order on every machine, and after every upgrade. */
    const char *argv[] = {program,
                          "-D",
                          fresh,
                          "--username=postgres",
                          "--encoding=UTF8",
                          "--locale=C",
                          "--lc-ctype=C.UTF-8",
                          "--data-checksums",
                          "--auth-local=trust",
                          "--auth-host=reject",
                          "--no-instructions",
                          NULL};
    ret = proc_run(&c->user, argv, out, sizeof out, INITDB_TIMEOUT_MS, e);
    if (ret && strstr(out, "invalid locale")) {
        argv[6] = "--lc-ctype=C";
        ret = remove_tree(fresh, e);
        if (!ret)
            ret = proc_run(&c->user, argv, out, sizeof out, INITDB_TIMEOUT_MS, e);
    }
    return ret;
}

int cluster_init(struct cluster *c, struct err *e)
{
    static const char include[] = "\n# Everything wangged sets, and after it what the operator sets.\n"
                                  "include_if_exists = 'wangge.conf'\ninclude_if_exists = 'wangge.local.conf'\n";
    char fresh[PATH_MAX], conf[PATH_MAX];
    if (data_version(c) > 0)
        return 0;
    if (access(c->data, F_OK) == 0)
        return err_set(e, ERR_PRECONDITION, "%s exists but is no PostgreSQL cluster. Move it away or use another folder.",
                       c->data);
    int ret = path_format(fresh, e, "%s/data.new", c->dir);
    if (!ret)
        ret = path_format(conf, e, "%s/postgresql.conf", fresh);
    if (!ret)
        ret = remove_tree(fresh, e); /* of a start that was interrupted */
    if (!ret)
        ret = make_dir(c, fresh, 0700, e);
    if (!ret)
        ret = run_initdb(c, fresh, e);
    if (!ret)
        ret = write_file(c, conf, O_APPEND, include, sizeof include - 1, e);
    if (ret)
        return ret;
    int dir_fd = open(c->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (rename(fresh, c->data) != 0 || dir_fd < 0 || fsync(dir_fd) != 0)
        ret = err_errno(e, errno, "The folder %s cannot be put in place.", c->data);
    if (dir_fd >= 0)
        (void)close(dir_fd);
    return ret;
}

/* Fits one office on one PC: 8 GB of memory, an SSD, a handful of connections. */
static const char tuned[] = "# Written by wangged at every start; changes are lost. Put yours into wangge.local.conf.\n"
                            "listen_addresses = ''\n"
                            "port = 5432\n"
                            "unix_socket_permissions = 0700\n"
                            "max_connections = 100\n"
                            "shared_buffers = 256MB\n"
                            "effective_cache_size = 1GB\n"
                            "work_mem = 16MB\n"
                            "maintenance_work_mem = 128MB\n"
                            "synchronous_commit = on\n"
                            "wal_compression = on\n"
                            "wal_buffers = 16MB\n"
                            "min_wal_size = 256MB\n"
                            "max_wal_size = 2GB\n"
                            "checkpoint_timeout = 15min\n"
                            "checkpoint_completion_target = 0.9\n"
                            "random_page_cost = 1.1\n"
                            "effective_io_concurrency = 100\n"
                            "jit = off\n"
                            "timezone = 'UTC'\n"
                            "log_timezone = 'UTC'\n"
                            "lc_messages = 'C'\n"
                            "logging_collector = on\n"
                            "log_filename = 'postgresql-%a.log'\n"
                            "log_truncate_on_rotation = on\n"
                            "log_rotation_age = 1d\n"
                            "log_rotation_size = 0\n"
                            "log_error_verbosity = terse\n" /* DETAIL lines quote values */
                            "log_min_error_statement = panic\n"
                            "log_parameter_max_length = 0\n"
                            "log_parameter_max_length_on_error = 0\n";

/* A path inside single quotes of postgresql.conf. */
static int append_quoted(struct buf *b, const char *s)
{
    int ret = 0;
    for (; *s && !ret; s++) {
        if (*s == '\'' || *s == '\\')
            ret = buf_append(b, *s == '\'' ? "'" : "\\", 1);
        if (!ret)
            ret = buf_append(b, s, 1);
    }
    return ret;
}

int cluster_write_conf(const struct cluster *c, const char *extra, struct err *e)
{
    struct buf b;
    char path[PATH_MAX], fresh[PATH_MAX];
    buf_init(&b, CONF_MAX);
    bool ok = buf_append_str(&b, tuned) == 0 && buf_append_str(&b, "unix_socket_directories = '\"") == 0 &&
              append_quoted(&b, c->run) == 0 && buf_append_str(&b, "\"'\nlog_directory = '") == 0 &&
              append_quoted(&b, c->log) == 0 && buf_append_str(&b, "'\n") == 0 && buf_append_str(&b, extra ? extra : "") == 0;
    int ret = ok ? 0 : err_set(e, ERR_NOMEM, "There is not enough memory to write the database's configuration.");
    if (!ret)
        ret = path_format(path, e, "%s/wangge.conf", c->data);
    if (!ret)
        ret = path_format(fresh, e, "%s/wangge.conf.new", c->data);
    if (!ret)
        ret = write_file(c, fresh, O_TRUNC, buf_data(&b), buf_len(&b), e);
    if (!ret && rename(fresh, path) != 0)
        ret = err_errno(e, errno, "The file %s cannot be written.", path);
    buf_fini(&b);
    return ret;
}
