namespace Mlops.Benchmarks;

/// <summary>chicago.csv, repeated to 200 MB.</summary>
internal static class LargeCsv
{
    public static string Create()
    {
        const long Bytes = 200_000_000;
        var path = Path.Combine(Path.GetTempPath(), "mlops-chicago-200mb.csv");
        if (File.Exists(path)) return path;
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "data", "chicago.csv"));
        using (var writer = new StreamWriter(path + ".tmp") { NewLine = "\n" })
        {
            writer.WriteLine(lines[0]);
            for (long written = 0; written < Bytes;)
            {
                foreach (var line in lines.AsSpan(1))
                {
                    writer.WriteLine(line);
                    written += line.Length + 1;
                }
            }
        }

        File.Move(path + ".tmp", path, overwrite: true);
        return path;
    }
}
