using System.Globalization;
using System.Reflection;

namespace Quickstart;

/// <summary>What the program is told on the command line.</summary>
internal sealed record QuickstartOptions(string Artifacts, int LastYear)
{
    private const int FullRange = 2016;

    private const string Usage = """
        Usage: Quickstart [--until YEAR] [--artifacts DIRECTORY]

          --until YEAR           the last year that is replayed, 2006 to 2016 (default: 2016)
          --artifacts DIRECTORY  where database, models and report go (default: artifacts/quickstart in the repository)
          --help                 this text
        """;

    public bool IsFullRange => LastYear >= FullRange;

    /// <summary>Reads the command line.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="exitCode">Receives how the program ends when there is nothing to run: 0 after <c>--help</c>, 2 after arguments that are not understood. The usage is written then.</param>
    /// <returns>The options; <see langword="null"/> when there is nothing to run.</returns>
    public static QuickstartOptions? Parse(string[] args, out int exitCode)
    {
        exitCode = 0;
        if (args.Any(argument => argument is "--help" or "-h" or "-?"))
        {
            Console.WriteLine(Usage);
            return null;
        }

        var root = typeof(QuickstartOptions).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;
        var options = new QuickstartOptions(Path.GetFullPath(Path.Combine(root, "artifacts", "quickstart")), FullRange);
        for (var i = 0; i < args.Length; i += 2)
        {
            switch (args[i], i + 1 < args.Length ? args[i + 1] : "")
            {
                case ("--until", var year) when int.TryParse(year, CultureInfo.InvariantCulture, out var last) && last is >= 2006 and <= FullRange:
                    options = options with { LastYear = last };
                    break;
                case ("--artifacts", { Length: > 0 } path):
                    options = options with { Artifacts = Path.GetFullPath(path) };
                    break;
                default:
                    Console.Error.WriteLine($"'{string.Join(' ', args[i..])}' is not understood.");
                    Console.Error.WriteLine(Usage);
                    exitCode = 2;
                    return null;
            }
        }

        return options;
    }
}
