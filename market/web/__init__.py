"""HTTP: ``api`` speaks JSON, ``pages`` speaks HTML; both call the same services. The only user of litestar."""
