// octet_write_bad_files DIR: writes every broken file, and says of each on stdout, separated by
// tabs: its name, the code that it must be refused with, and a part of the sentence.
#include <cstdio>
#include <fstream>

#include "malformed/bad_files.hpp"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const std::string folder = argv[1];
  for (const octet::test::BadFile& file : octet::test::bad_files()) {
    const std::string name = file.refusal.name + "." + file.extension;
    std::ofstream(folder + "/" + name, std::ios::binary) << file.refusal.content;
    std::printf("%s\t%d\t%s\n", name.c_str(), octet::exit_code(file.refusal.code),
                file.refusal.part.c_str());
  }
}
