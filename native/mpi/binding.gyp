# The addon over MPI. Its compiler is MPI's wrapper, such as mpicxx, which adds MPI's folders and libraries.
{
  "targets": [
    {
      "target_name": "convforge_mpi",
      "sources": ["addon.cpp", "collective.cpp", "fold.cpp", "lane.cpp", "transfers.cpp", "world.cpp"],
      "include_dirs": ["..", "<!(node -p \"require('node-addon-api').include_dir\")"],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_CPP_EXCEPTIONS_ALL", "OMPI_SKIP_MPICXX", "MPICH_SKIP_MPICXX"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": [
        "-std=c++20",
        "-O3",
        "-fexceptions",
        "-frtti",
        "-ffp-contract=off",
        "-fvisibility=hidden",
        "-Wall",
        "-Wextra"
      ],
      "conditions": [
        [
          "OS=='linux'",
          {"ldflags": ["-Wl,-z,nodelete", "-Wl,--version-script=<(module_root_dir)/../exports.map"]}
        ],
        [
          "OS=='mac'",
          {
            "xcode_settings": {
              "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
              "GCC_ENABLE_CPP_RTTI": "YES",
              "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
              "GCC_OPTIMIZATION_LEVEL": "3",
              "MACOSX_DEPLOYMENT_TARGET": "11.0",
              "OTHER_CPLUSPLUSFLAGS": ["-ffp-contract=off"]
            }
          }
        ]
      ]
    }
  ]
}
