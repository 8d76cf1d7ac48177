"""`--config` and `--show-config`: options from a file, which the command line overrules."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import click
import pytest
from jsonschema import Draft202012Validator

from scanner.app.config.file import keys
from scanner.cli.scan import scan

ROOT = Path(__file__).parents[2]
CONTOSO = ROOT / "samples" / "snapshots" / "contoso"
SAMPLE = ROOT / "samples" / "acr-scan.yaml"
SCHEMA = json.loads(files("scanner.app.config").joinpath("config.schema.json").read_text("utf-8"))
OF_THE_MOMENT = {
    "as_of",
    "config",
    "create_baseline",
    "dask",
    "help",
    "history",
    "no_color",
    "no_exemptions",
    "param",
    "quiet",
    "show_config",
    "verbose",
    "version",
    "workers",
}
"""Options of one run or one machine, --param, which has a section of its own, and what may be a secret."""

Run = Callable[..., tuple[int, str, str]]


def written(folder: Path, text: str) -> Path:
    path = folder / "acr-scan.yaml"
    path.write_text(text.replace("CONTOSO", json.dumps(str(CONTOSO))), "utf-8")
    return path


def test_a_file_scans_as_its_options_would(run: Run, tmp_path: Path) -> None:
    config = written(
        tmp_path,
        """\
        scope: { snapshot: CONTOSO }
        selection: { select: [hardening, ACR101], exclude: [ACR905], registries: [contosodemo] }
        gate: { failOn: high }
        outputs: { json: from-file.json, allResults: true }
        """,
    )
    options = ("--select", "hardening", "--select", "ACR101", "--exclude", "ACR905", "-r", "contosodemo")
    other = ("--json", tmp_path / "other.json", "--all-results", "--fail-on", "high")

    by_file = run("--config", config, "-q")
    by_options = run("--snapshot", CONTOSO, *options, *other, "-q")

    assert by_file == by_options
    assert (tmp_path / "from-file.json").read_bytes() == (tmp_path / "other.json").read_bytes()


@pytest.mark.parametrize(("fail_on", "code"), [("never", 0), ("high", 1)])
def test_the_command_line_wins(run: Run, tmp_path: Path, fail_on: str, code: int) -> None:
    config = written(tmp_path, f"scope: {{ snapshot: CONTOSO }}\ngate: {{ failOn: {fail_on} }}")

    assert run("--config", config, "-q")[0] == code
    assert run("--fail-on", "never", "--config", config, "-q")[0] == 0
    assert run("--config", config, "--fail-on", "low", "-q")[0] == 1


def test_parameters_of_both_hold_and_the_command_line_wins_each(run: Run, tmp_path: Path) -> None:
    config = written(
        tmp_path,
        "scope: { snapshot: CONTOSO }\nparameters: { ACR104: { widest: 24 }, ACR106: { budget: 150 } }\n"
        "outputs: { json: r.json }",
    )

    run("--config", config, "-q", "--param", "ACR106.budget=100")

    parameters = json.loads((tmp_path / "r.json").read_text("utf-8"))["run"]["policies"]["parameters"]
    assert parameters == {"ACR104": {"widest": 24}, "ACR106": {"budget": 100}}


OVERRULED = {
    "a subscription for a snapshot": (
        "scope: { snapshot: CONTOSO, assumeComplete: true }",
        ["-s", "X"],
        {"subscriptions": '["X"]'},
    ),
    "a snapshot for a management group": (
        "scope: { managementGroup: corp, saveSnapshot: a.zip }",
        ["--snapshot", "x"],
        {"snapshot": '"x"'},
    ),
    "all subscriptions for one": (
        "scope: { subscriptions: [A, B] }",
        ["--all-subscriptions"],
        {"allSubscriptions": "true"},
    ),
    "strict for lenient": ("gate: { allowUnknown: true }", ["--strict"], {"strict": "true"}),
    "lenient for strict": ("gate: { strict: true }", ["--allow-unknown"], {"allowUnknown": "true"}),
    "no exemptions": ("exemptions: { file: e.yaml }", ["--no-exemptions"], {}),
}


@pytest.mark.parametrize(("text", "options", "expected"), OVERRULED.values(), ids=list(OVERRULED))
def test_what_the_command_line_contradicts_is_dropped(
    run: Run, tmp_path: Path, text: str, options: list[str], expected: dict[str, str]
) -> None:
    config = written(tmp_path, text)

    code, out, _ = run("--config", config, *options, "--show-config")

    lines = [line.partition("#") for line in out.splitlines() if line[0] == " "]
    held = [said.strip().split(": ") for said, _, origin in lines if origin.strip() != "default"]
    assert code == 0
    assert dict(held) == expected


def test_what_the_file_alone_contradicts_is_an_error_with_its_line(run: Run, tmp_path: Path) -> None:
    config = written(tmp_path, "scope:\n  snapshot: CONTOSO\n  managementGroup: corp\n")

    code, _, err = run("--config", config)

    assert code == 2
    assert f"{config}:2: scope.snapshot: --snapshot and a scope in Azure contradict each other" in err


def test_what_the_command_line_contradicts_in_itself_is_an_error(run: Run, tmp_path: Path) -> None:
    config = written(tmp_path, "scope: { snapshot: CONTOSO }\ngate: { strict: true }")

    code, _, err = run("--config", config, "--strict", "--allow-unknown")

    assert code == 2
    assert err.startswith("acr-scan: --allow-unknown and --strict contradict each other")


def test_show_config_says_where_each_comes_from_and_scans_nothing(run: Run, tmp_path: Path) -> None:
    config = written(
        tmp_path,
        'scope:\n  snapshot: nothing/here\nselection:\n  select:\n    - "ACR9*"\n    - tasks\n'
        "parameters:\n  ACR104: { widest: 24 }\noutputs: { json: '-' }\n",
    )

    code, out, err = run("--config", config, "--show-config", "--fail-on", "high")

    lines = {line.split(":")[0].strip(): " ".join(line.split()) for line in out.splitlines()}
    assert (code, err) == (0, "")
    assert lines["snapshot"] == f'snapshot: "{tmp_path}/nothing/here" # {config}:2'
    assert lines["select"] == f'select: ["ACR9*", "tasks"] # {config}:5'
    assert lines["failOn"] == 'failOn: "high" # command line'
    assert lines["cloud"] == 'cloud: "Public" # default'
    assert lines["json"] == f'json: "-" # {config}:9'
    assert lines['"ACR104"'] == f'"ACR104": {{ "widest": 24 }} # {config}:8'


def test_what_show_config_prints_is_a_config_file(run: Run, tmp_path: Path) -> None:
    config = written(
        tmp_path,
        "scope: { snapshot: CONTOSO }\nselection: { exclude: [ACR905, 'a\"b'] }\n"
        "parameters: { ACR104: { widest: 24, x: 'y z', t: true } }\n",
    )
    _, first, _ = run("--config", config, "--show-config")
    again = written(tmp_path, first)

    code, second, err = run("--config", again, "--show-config")

    assert (code, err) == (0, "")
    assert '"ACR104": { "widest": 24, "x": "y z", "t": true }' in first
    assert [line.split("#")[0].rstrip() for line in second.splitlines()] == [
        line.split("#")[0].rstrip() for line in first.splitlines()
    ]


def test_show_config_without_a_file_shows_the_defaults(run: Run) -> None:
    code, out, _ = run("--show-config", "--param", "ACR104.widest=20", "--param", "ACR104.widest=22")

    assert code == 0
    assert 'failOn: "low"' in out
    assert '"ACR104": { "widest": 22 }  # command line' in out


WRONG = {
    "a misspelt section": ("scop: {}", "1: unknown key 'scop'; did you mean 'scope'?"),
    "a misspelt key": (
        "selection:\n  selekt: [x]",
        "2: selection: unknown key 'selekt'; did you mean 'select'?",
    ),
    "a misspelt word": (
        "gate: { failOn: hihg }",
        (
            '1: gate.failOn: expected one of info, low, medium, high, critical, never, found "hihg"; '
            "did you mean 'high'?"
        ),
    ),
    "one for many": (
        "selection: { select: tasks }",
        '1: selection.select: expected a list, found "tasks"',
    ),
    "yes for true": ("gate: { strict: yes }", '1: gate.strict: expected true or false, found "yes"'),
    "an empty section": ("scope:", "1: scope: expected a mapping, found nothing"),
    "an empty path": ("outputs: { json: '' }", "1: outputs.json: is empty"),
    "a parameter without a name": (
        "parameters: { ACR104: 24 }",
        "1: parameters.ACR104: expected a mapping, found 24",
    ),
    "a parameter of no kind": (
        "parameters: { ACR104: { widest: [1] } }",
        "1: parameters.ACR104.widest: expected a string or a whole number or true or false, found a list",
    ),
    "a NUL": ('outputs:\n  json: "a\\0"', "2: outputs.json: holds a NUL, which no option can"),
    "no YAML": ("scope: ]", "1: not YAML: "),
}


@pytest.mark.parametrize(("text", "said"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_is_told_with_its_place(run: Run, tmp_path: Path, text: str, said: str) -> None:
    config = written(tmp_path, text)

    code, out, err = run("--config", config, "--snapshot", CONTOSO)

    if said.endswith("not YAML: "):  # and then the words of the YAML reader
        err = err[: err.index("not YAML: ") + 10] + "\n"
    assert (code, out, err) == (2, "", f"acr-scan: {config}:{said}\n")


def test_everything_is_told_at_once(run: Run, tmp_path: Path) -> None:
    config = written(tmp_path, "scope: { cloud: Publik }\ngate: 3\n")

    _, _, err = run("--config", config)

    assert [line.split(": ")[1] for line in err.splitlines()] == [f"{config}:1", f"{config}:2"]


BLAMED = {
    "a policy": ("selection:\n  select:\n    - tasks\n    - taskz", "4: selection.select[1]: --select taskz"),
    "a parameter": ("parameters:\n  ACR1: { a: 1 }", "2: parameters.ACR1.a: --param ACR1.a=1 names no"),
    "a registry": ("selection: { registries: [contos] }", "1: selection.registries[0]: --registry contos"),
    "a baseline": ("exemptions:\n  baseline: none.json", "2: exemptions.baseline: {}/none.json: there is no"),
    "a report": ("outputs: { junit: no/j.xml }", "1: outputs.junit: {}/no/j.xml: there is no folder"),
}


@pytest.mark.parametrize(("text", "said"), BLAMED.values(), ids=list(BLAMED))
def test_what_comes_from_the_file_names_its_line(run: Run, tmp_path: Path, text: str, said: str) -> None:
    config = written(tmp_path, f"{text}\nscope: {{ snapshot: CONTOSO }}")

    code, _, err = run("--config", config)

    assert code == 2
    assert err.startswith(f"acr-scan: {config}:{said.format(tmp_path)}")


def test_what_comes_from_the_command_line_does_not_blame_the_file(run: Run, tmp_path: Path) -> None:
    config = written(tmp_path, "selection: { select: [taskz] }\nscope: { snapshot: CONTOSO }")

    _, _, err = run("--config", config, "--select", "taskz")

    assert err.startswith("acr-scan: --select taskz matches no policy")


def test_a_file_that_is_not_there_is_exit_2(run: Run, tmp_path: Path) -> None:
    assert run("--config", tmp_path / "none.yaml") == (
        2,
        "",
        f"acr-scan: {tmp_path}/none.yaml:1: no such file or directory\n",
    )


def test_no_file_is_read_unless_it_is_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, "gate: { failOn: never }")
    monkeypatch.chdir(tmp_path)

    assert run("--snapshot", CONTOSO, "-q")[0] == 1


def test_the_sample_scans(run: Run) -> None:
    code, out, err = run("--config", SAMPLE)

    assert (code, err) == (1, "")
    assert "with 41 policies" in out
    assert "exempt until 2027-01-31" in out


def test_every_key_stands_for_an_option_and_every_lasting_option_has_a_key() -> None:
    options = {each.name for each in scan.params if isinstance(each, click.Option)}

    standing = [key.parameter for key in keys()]

    assert set(standing) <= options
    assert len(standing) == len(set(standing))
    assert options - set(standing) == OF_THE_MOMENT & options, (
        "give the option a key in scanner/app/config/config.schema.json, or list it in OF_THE_MOMENT"
    )


def test_the_schema_agrees_with_the_options() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    by_name = {each.name: each for each in scan.params if isinstance(each, click.Option)}

    for key in keys():
        option = by_name[key.parameter]
        schema = SCHEMA["properties"][key.section]["properties"][key.name]
        assert key.option in option.opts
        assert (schema.get("type") == "array") == option.multiple
        assert (schema.get("type") == "boolean") == option.is_flag
        assert key.is_path == isinstance(option.type, click.Path), key
        choices = option.type.choices if isinstance(option.type, click.Choice) else None
        assert schema.get("enum") == (None if choices is None else list(choices))
