package main

import (
	"math"
	"os/exec"
)

func ownGroup(*exec.Cmd) {}

func openFiles() (uint64, error) { return math.MaxUint64, nil } // handles have no limit of their own
