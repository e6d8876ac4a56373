"""The embedded servers: real ones, started as whoever runs the tests; what only root can show is marked so."""

import ctypes
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import sqlalchemy as sa

from gateway import embedded_postgres, embedded_process, embedded_redis, embedded_rights
from gateway.embedded import EmbeddedServerError, EmbeddedServers, PostgresServer, RedisServer
from gateway.embedded_process import Account, born, trim, wait_until
from tests.faults.crowd import Clock

ROOT = Path(__file__).parent.parent
only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can show it")


def ask(server: PostgresServer, question: str, url: str = "") -> Any:
    engine = sa.create_engine(url or server.url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        result = connection.execute(sa.text(question))
        return result.scalar() if result.returns_rows else None


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServers]:
    with EmbeddedServers(tmp_path_factory.mktemp("shared"), fast=True) as servers:
        yield servers


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PostgresServer]:
    with PostgresServer(tmp_path / "postgres", fast=True) as started:
        yield started


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def run_starter(tmp_path: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Another Python process that starts servers in `tmp_path / "other"`."""
    started: list[subprocess.Popen[str]] = []

    def run(code: str) -> subprocess.Popen[str]:
        program = "from gateway.embedded import *\nfrom pathlib import Path\n" + textwrap.dedent(code)
        folder = str(tmp_path / "other")
        process = subprocess.Popen([sys.executable, "-c", program, folder], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


# --- what a started server is


def test_application_role_is_bound_by_row_security(shared: EmbeddedServers) -> None:
    rights = "rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb"
    assert ask(shared.postgres, f"SELECT {rights} FROM pg_roles WHERE rolname = current_user") is False


def test_application_role_owns_its_database(shared: EmbeddedServers) -> None:
    owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"
    assert ask(shared.postgres, owner) == "kopru"


def test_database_keeps_turkish_text_and_checksums(shared: EmbeddedServers) -> None:
    facts = "SELECT 'Iğdır İĞNE ışık şöför' || current_setting('data_checksums') || current_setting('server_encoding')"
    assert ask(shared.postgres, facts) == "Iğdır İĞNE ışık şöföronUTF8"


def test_superuser_url_is_for_the_superuser(shared: EmbeddedServers) -> None:
    url = shared.postgres.admin_url
    assert ask(shared.postgres, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user", url) is True


@pytest.mark.parametrize("role", ["kopru", "postgres"])
def test_nobody_enters_without_the_password(shared: EmbeddedServers, role: str) -> None:
    host = str(shared.postgres.socket_folder)
    with pytest.raises(psycopg.OperationalError, match="authentication failed"):
        psycopg.connect(host=host, port=5432, user=role, password="wrong", dbname="kopru")


def test_servers_listen_on_no_network(shared: EmbeddedServers) -> None:
    with redis.Redis.from_url(shared.redis.url) as client:
        assert client.config_get("port") == {"port": "0"}
    assert ask(shared.postgres, "SELECT current_setting('listen_addresses')") == ""


def test_sockets_and_folders_are_for_their_owner_alone(shared: EmbeddedServers) -> None:
    sockets = [shared.postgres.cluster.home / ".s.PGSQL.5432", shared.redis.data_dir / "redis.sock"]
    private = [*sockets, shared.postgres.data_dir, shared.redis.data_dir, shared.postgres.cluster.passwords_file]
    assert [path for path in private if path.stat().st_mode & 0o077] == []


def test_servers_have_sessions_of_their_own_so_ctrl_c_spares_them(shared: EmbeddedServers) -> None:
    for pid in (shared.postgres.pid, shared.redis.pid):
        assert pid is not None
        assert os.getsid(pid) == pid


def test_redis_never_evicts_and_writes_every_second(shared: EmbeddedServers) -> None:
    with redis.Redis.from_url(shared.redis.url) as client:
        wanted = {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec", "save": ""}
        assert {name: client.config_get(name)[name] for name in wanted} == wanted


def test_database_can_be_made_from_a_template(shared: EmbeddedServers) -> None:
    url = shared.postgres.create_database("şablon")
    ask(shared.postgres, "CREATE TABLE il AS SELECT 'Eskişehir' AS ad", url)
    copy = shared.postgres.create_database("kopya", template="şablon")
    assert ask(shared.postgres, "SELECT ad FROM il", copy) == "Eskişehir"
    shared.postgres.drop_database("kopya")


def test_another_process_reads_the_address_without_starting(shared: EmbeddedServers) -> None:
    visitor = PostgresServer(shared.postgres.data_dir)
    assert ask(visitor, "SELECT 1") == 1
    with pytest.raises(EmbeddedServerError, match="not started here"):
        visitor.kill()


def test_each_worker_has_a_database_and_redis_of_its_own(database_url: str, redis_url: str, worker: str) -> None:
    with sa.create_engine(database_url, poolclass=sa.NullPool).connect() as connection:
        assert connection.scalar(sa.text("SELECT current_database()")) == f"kopru_{worker}"
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()


# --- start, stop, start again


def test_data_survives_and_the_second_start_is_quick(tmp_path: Path) -> None:
    with EmbeddedServers(tmp_path, fast=True) as first, redis.Redis.from_url(first.redis.url) as client:
        ask(first.postgres, "CREATE TABLE il AS SELECT 'Iğdır' AS ad")
        client.set("il", "Muş")
    clock = Clock(tmp_path)
    with EmbeddedServers(tmp_path, fast=True) as second, redis.Redis.from_url(second.redis.url) as client:
        assert clock.alone() < 2
        assert ask(second.postgres, "SELECT ad FROM il") == "Iğdır"
        assert client.get("il") == "Muş".encode()


def test_first_start_in_full_safety_is_quick(tmp_path: Path) -> None:
    clock = Clock(tmp_path)
    with EmbeddedServers(tmp_path):
        assert clock.alone() < 10


def test_stop_leaves_no_process_and_may_come_twice(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path / "postgres", fast=True).start()
    server.stop()
    server.stop()
    assert server._strays() == []
    assert {path.name for path in server.data_dir.iterdir()} == {"cluster", "lock", "passwords.json", "server.log"}


def test_second_start_on_one_folder_is_told_who_holds_it(server: PostgresServer) -> None:
    with pytest.raises(EmbeddedServerError, match=f"process {os.getpid()}.*holds"):
        PostgresServer(server.data_dir).start()
    assert ask(server, "SELECT 1") == 1


def test_restart_keeps_the_data(server: PostgresServer) -> None:
    ask(server, "CREATE TABLE il AS SELECT 'Ağrı' AS ad")
    server.restart()
    assert ask(server, "SELECT ad FROM il") == "Ağrı"


def test_server_started_by_a_thread_outlives_it(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path / "postgres", fast=True)
    thread = threading.Thread(target=server.start)
    thread.start()
    thread.join()
    time.sleep(0.3)
    assert ask(server, "SELECT 1") == 1
    server.stop()


@pytest.mark.parametrize("folder", ["derin/" + "d" * 150, "İçel, ğ 'x' $HOME %20 & \"y\""])
def test_any_folder_name_will_do(tmp_path: Path, folder: str) -> None:
    with EmbeddedServers(tmp_path / folder, fast=True) as servers, redis.Redis.from_url(servers.redis.url) as client:
        short = servers.postgres.socket_folder
        assert ask(servers.postgres, "SELECT 1") == 1
        assert client.ping()
        assert stat.S_IMODE(short.stat().st_mode) == 0o700
        assert servers.postgres.restart().socket_folder == short
    assert not short.exists()


def test_log_keeps_its_end_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_process, "LARGEST_LOG_BYTES", 1000)
    monkeypatch.setattr(embedded_process, "LOG_BYTES_KEPT", 100)
    log = tmp_path / "server.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old" * 1000 + b"new")
        trim(log)
        writer.write(b"er")
    assert log.stat().st_size == 102
    assert log.read_bytes().endswith(b"newer")


# --- killed


def test_kill_loses_nothing_acknowledged(tmp_path: Path) -> None:
    with PostgresServer(tmp_path / "postgres") as server:
        ask(server, "CREATE TABLE il AS SELECT 'Bingöl' AS ad")
        server.kill()
        server.start()
        assert ask(server, "SELECT ad FROM il") == "Bingöl"


def test_busy_backend_of_a_killed_server_is_ended(server: PostgresServer) -> None:
    host, password = str(server.socket_folder), server.cluster.passwords()["kopru"]
    busy = psycopg.connect(host=host, port=5432, user="kopru", password=password, dbname="kopru")
    busy.pgconn.send_query(b"DO $$ BEGIN LOOP PERFORM 1; END LOOP; END $$")
    server.kill()
    server.start()
    assert len(ask(server, "SELECT array_agg(pid) FROM pg_stat_activity WHERE query LIKE 'DO %'") or []) == 0
    assert ask(server, "SELECT 1") == 1


def test_killed_redis_comes_back_with_its_data(tmp_path: Path) -> None:
    with RedisServer(tmp_path / "redis") as server, redis.Redis.from_url(server.url) as client:
        client.set("il", "Şırnak")
        server.kill()
        server.start()
        assert client.get("il") == "Şırnak".encode()


def test_servers_die_with_a_killed_starter_and_start_again(
    tmp_path: Path, run_starter: Callable[[str], subprocess.Popen[str]]
) -> None:
    starter = run_starter("""
        import sys, time
        servers = EmbeddedServers(Path(sys.argv[1]), fast=True).start()
        print(servers.postgres.pid, servers.redis.pid, flush=True)
        time.sleep(60)
    """)
    assert starter.stdout is not None
    pids = [int(pid) for pid in starter.stdout.readline().split()]
    starter.kill()
    assert wait_until(lambda: all(born(pid) is None for pid in pids), 10)
    with EmbeddedServers(tmp_path / "other", fast=True) as servers:
        assert ask(servers.postgres, "SELECT 1") == 1


def test_first_start_killed_at_any_moment_is_done_again(
    tmp_path: Path, run_starter: Callable[[str], subprocess.Popen[str]]
) -> None:
    folder = tmp_path / "other"
    starter = run_starter("import sys; PostgresServer(Path(sys.argv[1]), fast=True).start()")
    places = [folder / name / "PG_VERSION" for name in ("cluster.new", "cluster")]  # a slow observer finds it done
    assert wait_until(lambda: any(map(Path.exists, places)), 60)
    starter.kill()
    starter.wait()
    with PostgresServer(folder, fast=True) as server:
        assert ask(server, "SELECT 1") == 1


def test_orphan_whose_starter_could_not_end_it_is_ended(
    tmp_path: Path, run_starter: Callable[[str], subprocess.Popen[str]]
) -> None:
    starter = run_starter("""
        import sys, threading, time
        server = RedisServer(Path(sys.argv[1]))
        thread = threading.Thread(target=server.start)  # without the kernel's promise
        thread.start(); thread.join(); print(server.pid, flush=True); time.sleep(60)
    """)
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    assert born(pid)
    with RedisServer(tmp_path / "other") as server, redis.Redis.from_url(server.url) as client:
        assert born(pid) is None
        assert client.ping()


# --- one sentence that says what to do


def sentence_of(start: Callable[[], object]) -> str:
    with pytest.raises(EmbeddedServerError) as caught:
        start()
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return sentence


@pytest.fixture
def stopped(server: PostgresServer) -> PostgresServer:
    server.stop()
    return server


def test_half_a_data_directory_is_named(stopped: PostgresServer) -> None:
    (stopped.cluster.home / "global" / "pg_control").unlink()
    assert "not a whole PostgreSQL data directory: restore a backup, or move" in sentence_of(stopped.start)
    assert (stopped.cluster.home / "base").is_dir()


def test_damaged_data_is_named(stopped: PostgresServer) -> None:
    control = stopped.cluster.home / "global" / "pg_control"
    control.write_bytes(bytes(8192))
    assert "is damaged: restore a backup" in sentence_of(stopped.start)


def test_data_of_another_version_is_named(stopped: PostgresServer) -> None:
    (stopped.cluster.home / "PG_VERSION").write_text("16\n")
    assert "written by PostgreSQL 16 and this is 18: dump it" in sentence_of(stopped.start)


def test_lost_passwords_are_named(stopped: PostgresServer) -> None:
    stopped.cluster.passwords_file.unlink()
    assert "passwords.json is missing" in sentence_of(stopped.start)


def test_wrong_passwords_are_named(stopped: PostgresServer) -> None:
    stopped.cluster.passwords_file.write_text('{"postgres": "başka", "kopru": "başka"}')
    assert "passwords.json does not fit the data" in sentence_of(stopped.start)


def test_taken_socket_is_named(stopped: PostgresServer) -> None:
    (stopped.cluster.home / stopped.socket_name).mkdir()
    assert "cannot open its socket" in sentence_of(stopped.start)


def test_file_in_the_folders_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("")
    assert str(tmp_path / "postgres") in sentence_of(PostgresServer(tmp_path / "postgres").start)


def test_machine_without_a_wheel_is_told_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "install PostgreSQL and set DATABASE_URL" in sentence_of(PostgresServer(tmp_path / "postgres").start)
    assert "apt-get install redis-server" in sentence_of(RedisServer(tmp_path / "redis").start)


def test_program_of_another_machine_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "redis-server"
    program.write_bytes(b"\x7fELF of another machine")
    program.chmod(0o755)
    monkeypatch.setattr(embedded_redis, "find_program", lambda: program)
    assert "does not run on this machine" in sentence_of(RedisServer(tmp_path / "redis").start)


def test_unreadable_redis_data_may_be_deleted(tmp_path: Path) -> None:
    server = RedisServer(tmp_path / "redis")
    server.data_dir.mkdir(mode=0o700)
    (server.data_dir / "appendonly.aof").write_bytes(b"not what Redis writes\n" * 10)
    assert "delete that folder, nothing in it is needed" in sentence_of(server.start)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB: PostgreSQL's data directory does not fit."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if ctypes.CDLL(None).mount(b"tmpfs", bytes(folder), b"tmpfs", 0, b"size=24m"):
        pytest.skip("this account cannot mount a small disk")
    yield folder
    ctypes.CDLL(None).umount2(bytes(folder), 2)


def test_full_disk_is_named_and_forgiven(small_disk: Path) -> None:
    server = PostgresServer(small_disk / "postgres", fast=True)
    assert "is full: free some space, then start again" in sentence_of(server.start)
    assert not server.cluster.home.exists()
    assert ctypes.CDLL(None).mount(None, bytes(small_disk), None, 32, b"size=200m") == 0
    with server:
        assert ask(server, "SELECT 1") == 1


# --- as root, in a folder only root may enter


def modes(folder: Path) -> list[int]:
    return [stat.S_IMODE(parent.stat().st_mode) for parent in (folder, *folder.parents)]


@only_root
def test_root_runs_postgres_as_a_user_without_a_name(server: PostgresServer) -> None:
    owner = Path(f"/proc/{server.pid}").stat().st_uid
    assert owner not in {0, 65534}
    assert subprocess.run(["getent", "passwd", str(owner)], check=False).returncode


@only_root
def test_root_opens_no_folder_on_the_way(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    before = modes(closed)
    with PostgresServer(closed / "var" / "postgres", fast=True) as server:
        assert ask(server, "SELECT 1") == 1
        assert modes(closed) == before
        assert server.cluster.home.is_relative_to(closed)


@pytest.fixture
def closed_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The installation inside a checkout that only root may enter."""
    closed = tmp_path / "closed"
    programs = embedded_rights.copy_programs(embedded_postgres.find_programs(), closed)
    closed.chmod(0o700)
    monkeypatch.setattr(embedded_postgres, "find_programs", lambda: programs)
    return programs


@only_root
def test_programs_only_root_may_reach_are_lent_while_the_server_runs(tmp_path: Path, closed_programs: Path) -> None:
    server = PostgresServer(tmp_path / "postgres", fast=True)
    with server:
        lent = Path((server.data_dir / "program-copy").read_text())
        assert ask(server, "SELECT count(*) > 100 FROM pg_timezone_names") is True
        assert (lent.stat().st_uid, stat.S_IMODE(lent.stat().st_mode)) == (0, 0o755)
    assert not lent.exists()
    assert modes(closed_programs.parent.parent)[0] == 0o700


@only_root
def test_copy_left_by_a_killed_start_is_removed(server: PostgresServer, open_folder: Path) -> None:
    server.stop()
    left = open_folder / "left"
    left.mkdir()
    (server.data_dir / "program-copy").write_text(str(left))
    server.start()
    server.stop()
    assert not left.exists()


@only_root
def test_root_without_proc_keeps_the_data_outside(
    tmp_path: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_rights, "WORKING_DIRECTORY", "/nowhere")
    monkeypatch.setattr(embedded_rights, "OUTSIDE", open_folder)
    with PostgresServer(tmp_path / "postgres", fast=True) as server:
        ask(server, "CREATE TABLE il AS SELECT 'Kırşehir' AS ad")
        server.restart()
        assert ask(server, "SELECT ad FROM il") == "Kırşehir"
        assert server.cluster.home.parent == open_folder


@only_root
def test_data_copied_by_root_is_given_back(server: PostgresServer, tmp_path: Path) -> None:
    server.stop()
    shutil.copytree(server.data_dir, tmp_path / "copy")
    with PostgresServer(tmp_path / "copy", fast=True) as copy:
        assert ask(copy, "SELECT 1") == 1


@only_root
def test_root_that_may_become_no_other_user_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unknown_to_the_kernel = Account(2**32 - 1, 2**32 - 1)
    monkeypatch.setattr(embedded_postgres, "private_account", lambda folder: unknown_to_the_kernel)
    assert "start as an ordinary user" in sentence_of(PostgresServer(tmp_path / "postgres").start)


@only_root
def test_ordinary_user_needs_nothing_either(open_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forked child becomes nobody; programs and starter are copied to where nobody can read them."""
    python = next(path for path in (Path("/usr/bin/python3"), Path(sys.executable)) if path.exists())
    programs = embedded_rights.copy_programs(embedded_postgres.find_programs(), open_folder / "programs")
    monkeypatch.setattr(embedded_postgres, "find_programs", lambda: programs)
    monkeypatch.setattr(embedded_process, "CHILD", Path(shutil.copy(embedded_process.CHILD, open_folder)))
    monkeypatch.setattr(sys, "executable", str(python))
    (open_folder / "home").mkdir()
    os.chown(open_folder / "home", 65534, 65534)
    child = os.fork()
    if not child:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        os._exit(ordinary_life(open_folder / "home" / "postgres"))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def ordinary_life(folder: Path) -> int:
    try:
        with PostgresServer(folder, fast=True) as server:
            ask(server, "CREATE TABLE il AS SELECT 'Muğla' AS ad")
            server.restart()
            mine = Path(f"/proc/{server.pid}").stat().st_uid == os.geteuid()
            return 0 if mine and ask(server, "SELECT ad FROM il") == "Muğla" else 2
    except BaseException as error:
        sys.stderr.write(f"{error}\n")
        return 1
