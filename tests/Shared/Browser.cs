using System.Diagnostics;
using System.IO.Compression;

namespace Mlops.Tests;

/// <summary>Opens pages in a headless Chromium.</summary>
internal sealed class Browser : IDisposable
{
    private readonly string _path;
    private readonly DirectoryInfo _profile = Directory.CreateTempSubdirectory("mlops-browser");

    private Browser(string path) => _path = path;

    /// <summary>Finds the browser; skips the test when there is none, unless MLOPS_REQUIRE_SERVERS=1 says that there must be one.</summary>
    public static Browser FindOrSkip()
    {
        string[] names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(directory => names.Select(name => Path.Combine(directory, name))).FirstOrDefault(File.Exists);
        if (found is not null) return new Browser(found);
        Assert.False(Environment.GetEnvironmentVariable("MLOPS_REQUIRE_SERVERS") == "1", "MLOPS_REQUIRE_SERVERS=1 asks for a browser, and there is no Chromium on the PATH.");
        Assert.Skip("There is no Chromium on the PATH.");
        throw new InvalidOperationException();
    }

    /// <summary>Gets a folder that is deleted with the browser.</summary>
    public string Folder => _profile.FullName;

    public async Task<(string Output, string Log)> RunAsync(string file, CancellationToken cancellationToken, params string[] arguments)
    {
        var start = new ProcessStartInfo(_path) { RedirectStandardOutput = true, RedirectStandardError = true };
        string[] fixedArguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
            "--no-first-run", "--hide-scrollbars", "--enable-logging=stderr", "--v=0", $"--user-data-dir={Path.Combine(_profile.FullName, "profile")}",
        ];
        foreach (var argument in fixedArguments.Concat(arguments).Append(new Uri(file).AbsoluteUri)) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var log = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, await log);
        return (await output, await log);
    }

    public async Task<Picture> ScreenshotAsync(string file, int width, int height, CancellationToken cancellationToken, params string[] arguments)
    {
        var target = Path.Combine(_profile.FullName, "page.png");
        await RunAsync(file, cancellationToken, [$"--screenshot={target}", $"--window-size={width},{height}", .. arguments]);
        return Picture.Read(await File.ReadAllBytesAsync(target, cancellationToken));
    }

    public void Dispose() => _profile.Delete(recursive: true);

    /// <summary>The pixels of a PNG file of 8 bits a channel.</summary>
    internal sealed record Picture(int Width, int Height, int[] Pixels)
    {
        public double GetShare(Func<int, bool> predicate) => Pixels.Count(predicate) / (double)Pixels.Length;

        public int MostFrequent => Pixels.GroupBy(pixel => pixel).MaxBy(group => group.Count())!.Key;

        public static Picture Read(byte[] png)
        {
            int width = 0, height = 0, channels = 0;
            using var compressed = new MemoryStream();
            for (var at = 8; at < png.Length;)
            {
                var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at));
                var type = System.Text.Encoding.ASCII.GetString(png, at + 4, 4);
                if (type == "IHDR")
                {
                    width = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at + 8));
                    height = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(at + 12));
                    channels = png[at + 17] == 6 ? 4 : 3;
                }

                if (type == "IDAT") compressed.Write(png, at + 8, length);
                at += length + 12;
            }

            compressed.Position = 0;
            using var inflated = new MemoryStream();
            using (var zlib = new ZLibStream(compressed, CompressionMode.Decompress)) zlib.CopyTo(inflated);
            return new Picture(width, height, Unfilter(inflated.ToArray(), width, height, channels));
        }

        private static int[] Unfilter(byte[] data, int width, int height, int channels)
        {
            var stride = width * channels;
            var pixels = new int[width * height];
            for (var y = 0; y < height; y++)
            {
                var row = (y * (stride + 1)) + 1;
                for (var i = 0; i < stride; i++)
                {
                    int left = i < channels ? 0 : data[row + i - channels];
                    int up = y == 0 ? 0 : data[row - stride - 1 + i];
                    int corner = i < channels || y == 0 ? 0 : data[row - stride - 1 + i - channels];
                    data[row + i] += (byte)(data[row - 1] switch { 1 => left, 2 => up, 3 => (left + up) / 2, 4 => Paeth(left, up, corner), _ => 0 });
                }

                for (var x = 0; x < width; x++)
                {
                    var at = row + (x * channels);
                    pixels[(y * width) + x] = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
                }
            }

            return pixels;
        }

        private static int Paeth(int left, int up, int corner)
        {
            var estimate = left + up - corner;
            int a = Math.Abs(estimate - left), b = Math.Abs(estimate - up), c = Math.Abs(estimate - corner);
            return a <= b && a <= c ? left : b <= c ? up : corner;
        }
    }
}
