// A database file after a power cut on a bad card: pages that were never written read as zeros, or the file
// is empty.
#pragma once

#include <string>

namespace pigeon::e2e {

// `how`: "pages" leaves only the first page as it was, "tables" takes the first page of each table, "empty"
// takes everything. Nobody may have the database open; what lies beside it (WAL) goes too.
// std::runtime_error: no such damage, or the file cannot be read or written.
void damage_database(const std::string& path, const std::string& how);

}  // namespace pigeon::e2e
