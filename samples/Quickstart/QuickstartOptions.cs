using System.Globalization;
using System.Reflection;

namespace Quickstart;

/// <summary>What the program is told on the command line.</summary>
internal sealed record QuickstartOptions(string Artifacts, int LastYear)
{
    private const int FullRange = 2016;

    public bool IsFullRange => LastYear >= FullRange;

    public static QuickstartOptions Parse(string[] args)
    {
        var root = typeof(QuickstartOptions).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == "RepositoryRoot").Value!;
        var options = new QuickstartOptions(Path.GetFullPath(Path.Combine(root, "artifacts", "quickstart")), FullRange);
        for (var i = 0; i < args.Length; i += 2)
        {
            options = (args[i], i + 1 < args.Length ? args[i + 1] : "") switch
            {
                ("--until", var year) when int.TryParse(year, CultureInfo.InvariantCulture, out var last) && last is >= 2006 and <= FullRange => options with { LastYear = last },
                ("--artifacts", { Length: > 0 } path) => options with { Artifacts = Path.GetFullPath(path) },
                _ => throw new ArgumentException($"'{string.Join(' ', args)}' is not understood. Usage: [--until 2006…2016] [--artifacts DIRECTORY]", nameof(args)),
            };
        }

        return options;
    }
}
