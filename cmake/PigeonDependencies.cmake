# Every third-party library the house stands on, from Debian's packages, as imported targets.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto SSL)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 REQUIRED)
find_package(doctest REQUIRED)
find_package(ICU REQUIRED COMPONENTS uc)
pkg_check_modules(serialport REQUIRED IMPORTED_TARGET libserialport)
pkg_check_modules(systemd REQUIRED IMPORTED_TARGET libsystemd)
# pkg-config's flags matter for both: the layout of httplib's classes and toml++'s linkage depend on them.
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
pkg_check_modules(tomlplusplus REQUIRED IMPORTED_TARGET tomlplusplus)
# Tests only: the conformance files of twitter-text are YAML.
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-cpp)
