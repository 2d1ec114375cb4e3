"""What the README shows works as it stands there."""

import re
from pathlib import Path

from tracker_db import products

README = Path(__file__).parents[2] / "README.md"


def test_the_python_of_the_readme_prints_the_products(database, capsys):
    products.add(products.ProductDraft(url="https://shop.example/kettle", name="Kettle"))
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    exec(example, {})
    assert capsys.readouterr().out == "Kettle None None\n"
