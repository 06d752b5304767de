"""Results as DICOM: calcification as a segmentation, measurements as a structured report. Only for DICOM input."""

from fedkd.dicom_export.write import write_dicom_results

__all__ = ["write_dicom_results"]
