"""Charts, maps and documents. What is heavy (drawing, typesetting) runs in a process of its own, the studio's press."""
