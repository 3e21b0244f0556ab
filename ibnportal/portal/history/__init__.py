"""The programme's published history (2015-2020): read from `data/`, made into rows, and what its sources disagree on."""
