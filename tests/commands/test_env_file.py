"""What is written into `.env` is read back by dotenv, and all else stays."""

from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from bridge.commands.env_file import line, write
from bridge.errors import SettingError

_VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)


@given(_VALUES)
def test_a_value_is_read_back_or_refused(value: str) -> None:
    marks = set(value)
    needs_single = bool(marks & set('"\\$`!'))
    if marks & set("\r\n") or (needs_single and marks & set("'\\")) or "${" in value:
        with pytest.raises(SettingError, match="NAME"):
            line("NAME", value)
    else:
        written = line("NAME", value)
        assert dotenv_values(stream=StringIO(f"{written}\n"))["NAME"] == value


@given(
    st.dictionaries(st.sampled_from(["A", "B", "C"]), st.sampled_from(["1", "x y; z", "'", "#"]))
)
def test_others_stay_as_they_are(values: dict[str, str]) -> None:
    before = "# top\n\nA='old value' # why\nexport B=2\nOTHER=\"a\nb\"\nC\nA=twice\nLAST=1"
    with TemporaryDirectory() as folder:
        path = Path(folder) / ".env"
        path.write_text(before)
        write(path, values)
        assert dotenv_values(path) == dotenv_values(stream=StringIO(before)) | values
        assert path.read_text().startswith("# top\n")
        assert ("export B=" in path.read_text()) is True
        assert list(Path(folder).iterdir()) == [path]


def test_a_new_file_is_the_owners_alone(tmp_path: Path) -> None:
    write(tmp_path / ".env", {"A": "x"})
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600


def test_a_link_is_followed(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("A=1\n")
    (tmp_path / ".env").symlink_to(real)
    write(tmp_path / ".env", {"A": "2"})
    assert (real.read_text(), (tmp_path / ".env").is_symlink()) == ("A=2\n", True)


def test_what_can_not_be_written_leaves_the_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("A=1\n")
    with pytest.raises(SettingError):
        write(tmp_path / ".env", {"A": "it's \\ that"})
    assert (tmp_path / ".env").read_text() == "A=1\n"
