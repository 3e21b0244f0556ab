"""Side effects that must happen, and happen once: written with the fact, performed by a worker, swept up when forgotten."""
