"""Qt behaves towards the panel as PythonQt's does."""

from __future__ import annotations

import pytest

from harness.earlier_slicer import play_slicer_5_10
from harness.person import Person
from harness.product_like_code import run_as_product

UI = """<ui version="4.0"><class>Panel</class><widget class="qMRMLWidget" name="Panel">
<layout class="QVBoxLayout" name="l">
<item><widget class="ctkCollapsibleButton" name="inputs"><property name="text"><string>Inputs</string></property>
<layout class="QFormLayout" name="f"><item row="0" column="1"><widget class="qMRMLNodeComboBox" name="ct">
<property name="nodeTypes"><stringlist><string>vtkMRMLScalarVolumeNode</string></stringlist></property>
<property name="noneEnabled"><bool>true</bool></property></widget></item>
<item row="1" column="1"><widget class="ctkSliderWidget" name="threshold">
<property name="maximum"><double>3000</double></property>
<property name="value"><double>850</double></property></widget></item></layout></widget></item>
<item><widget class="QPushButton" name="run"><property name="text"><string>Run</string></property></widget></item>
</layout></widget><connections><connection><sender>Panel</sender><signal>mrmlSceneChanged(vtkMRMLScene*)</signal>
<receiver>ct</receiver><slot>setMRMLScene(vtkMRMLScene*)</slot></connection></connections></ui>"""


def test_properties_are_attributes(slicer_app) -> None:
    label = run_as_product("import qt\nlabel = qt.QLabel('one')\nlabel.text += ' two'\nlabel.name = 'hint'")["label"]
    assert (label.text, label.objectName, label.name) == ("one two", "hint", "hint")
    with pytest.raises(AttributeError, match="creating new attributes on C\\+\\+ objects is not allowed"):
        run_as_product("label.tooltip = 'misspelled'", label=label)
    with pytest.raises(ValueError, match="does not accept an object of type int"):
        run_as_product("label.text = 3", label=label)
    with pytest.raises(TypeError, match="not callable"):
        run_as_product("label.text()", label=label)


def test_slots_get_as_many_values_as_they_take(slicer_app) -> None:
    code = """
import qt
got = []
box = qt.QCheckBox('x')
box.connect('toggled(bool)', lambda: got.append('none'))
box.connect('toggled(bool)', lambda checked: got.append(checked))
box.toggled.connect(got.append)
box.checked = True
assert box.disconnect('toggled(bool)')
box.checked = False
"""
    assert run_as_product(code)["got"] == ["none", True, True]


def test_ui_file_is_loaded_with_slicers_widgets(slicer_app, tmp_path) -> None:
    file = tmp_path / "panel.ui"
    file.write_text(UI, encoding="utf-8")
    code = f"""
import slicer
widget = slicer.util.loadUI({str(file)!r})
ui = slicer.util.childWidgetVariables(widget)
widget.setMRMLScene(slicer.mrmlScene)
"""
    names = run_as_product(code)
    ui = names["ui"]
    assert (ui.threshold.value, ui.run.text, ui.inputs.collapsed) == (850, "Run", False)
    assert ui.ct.currentNode() is None
    volume = slicer_app.scene.AddNewNodeByClass("vtkMRMLScalarVolumeNode", "CT")
    assert ui.ct.nodeCount() == 1
    ui.ct.setCurrentNode(volume)
    assert ui.ct.currentNodeID == volume.GetID()
    slicer_app.scene.RemoveNode(volume)
    assert ui.ct.currentNode() is None
    ui.inputs.collapsed = True
    assert not ui.threshold.isVisibleTo(names["widget"])


def test_dialogs_are_answered_and_read(slicer_app) -> None:
    slicer_app.dialogs.answer("Delete", "yes")
    assert run_as_product("import slicer\nanswer = slicer.util.confirmYesNoDisplay('Delete all?')")["answer"] is True
    run_as_product("import slicer\nslicer.util.warningDisplay('Careful.')")
    assert slicer_app.dialogs.read("Careful").text == "Careful."


def test_person_presses_only_what_can_be_pressed(slicer_app) -> None:
    person = Person(slicer_app)
    person.install_module()
    widget = person.open_module("FedKDSlicer")
    code = """
import qt
button = qt.QPushButton('A button of the test')
pressed = []
button.connect('clicked(bool)', lambda checked: pressed.append(checked))
layout.addWidget(button)
"""
    names = run_as_product(code, layout=widget.layout)
    person.wait()
    person.press("A button of the test")
    assert names["pressed"] == [False]
    names["button"].enabled = False
    with pytest.raises(AssertionError, match="disabled"):
        person.press("A button of the test")
    names["button"].hide()
    with pytest.raises(AssertionError, match="0 visible"):
        person.press("A button of the test")


def test_slicer_5_10_has_no_packaging(slicer_app, monkeypatch) -> None:
    code = """
import slicer
try:
    from slicer.packaging import pip_ensure
except ImportError:
    pip_ensure = None
offered = hasattr(slicer, 'packaging')
minor = slicer.app.minorVersion
"""
    assert (run_as_product(code)["offered"], run_as_product(code)["minor"]) == (True, 12)
    play_slicer_5_10(monkeypatch)
    names = run_as_product(code)
    assert (names["pip_ensure"], names["offered"], names["minor"]) == (None, False, 10)
