// A part of the program that is killed in the middle, in a child process of its own: what it leaves behind is
// what a power cut leaves.
#pragma once

#include <functional>

namespace pigeon::test {

// Runs `work` in a child that gets SIGKILL just before its `step`-th call (from 1) of fsync(2), fdatasync(2)
// or renameat2(2), which killed.cpp puts in the C library's place. False: it finished before, having made
// fewer calls. No other thread may run.
[[nodiscard]] bool killed_before(int step, const std::function<void()>& work);

}  // namespace pigeon::test
