using System.Globalization;
using System.Text;
using Mlops.Evaluation;

namespace Mlops.Monitoring.Tests;

/// <summary>
/// False alarms and power, counted. With MLOPS_SOAK=1 each cell has 2,000 repetitions at four sizes and the tables are written beside the test assembly, from where docs/drift-false-alarms.md has them;
/// otherwise the same code runs for seconds. MLOPS_EXPERIMENT, a part of a rule's name, runs the rules of that name only.
/// </summary>
public sealed class FalseAlarmExperimentTests
{
    private static readonly bool s_isSoak = Environment.GetEnvironmentVariable("MLOPS_SOAK") == "1";
    private static readonly string s_part = Environment.GetEnvironmentVariable("MLOPS_EXPERIMENT") ?? "";
    private static readonly int[] s_sizes = s_isSoak ? [30, 100, 1000, 10_000] : [30, 100];

    /// <summary>Sizes of samples of rows: few for the width, and as many as tests of rows draw.</summary>
    private static readonly int[] s_rowSizes = s_isSoak ? [30, 60, 200, 2000] : [30, 60, 200];

    private static int Repetitions => s_isSoak ? 2000 : 60;

    /// <summary>Twice the level is told from the level by so many, whatever the correction for the number of rules; where a repetition takes milliseconds, only several times the level is.</summary>
    private static int GetRepetitions(ExperimentRule rule)
        => s_isSoak ? Math.Min(Repetitions, rule.MaximumRepetitions) : rule.Cost switch { ExperimentCost.Microseconds => 600, ExperimentCost.Milliseconds => 40, _ => 15 };

    [Fact]
    public void AutomaticRules_NoDrift_HoldTheirLevel() => Check("automatic", ExperimentRule.Automatic);

    [Fact]
    public void SizeAwareLimits_NoDrift_HoldTheirLevel() => Check("size-aware", ExperimentRule.SizeAware);

    [Fact]
    public void OtherTests_NoDrift_HoldTheirLevel() => Check("others", ExperimentRule.Others);

    /// <summary>A reference of 10,000 rows and few current ones, as a training set has that is compared with an hour.</summary>
    [Fact]
    public void UnevenSizes_NoDrift_HoldTheirLevel() => Check("uneven", ExperimentRule.Uneven, s_isSoak ? [30, 120, 1000] : [120], s_isSoak ? 10_000 : 2000);

    /// <summary>The significances of one column of fifty, and of two hundred, that share 5 %.</summary>
    [Fact]
    public void SmallSignificances_NoDrift_HoldTheirLevel()
    {
        double[] significances = [0.001, 0.00025];
        (int Reference, int Current)[] sizes = [(100, 100), (10_000, 50), (10_000, 100), (10_000, 200)];
        var levels = new List<(string Rule, double PValue)>();
        var table = new StringBuilder($"| rule, significance | {string.Join(" | ", sizes.Select(size => $"{Text(size.Reference)} and {size.Current}"))} | repetitions |\n|---|{string.Concat(sizes.Select(_ => "---:|"))}---:|\n");
        foreach (var rule in ExperimentRule.Tails.Where(rule => rule.Name.Contains(s_part, StringComparison.Ordinal)))
        {
            foreach (var significance in significances)
            {
                var cells = new List<string>();
                var repetitions = (s_isSoak, rule.Cost) switch { (true, ExperimentCost.Microseconds) => 200_000, (true, _) => 4000, (_, ExperimentCost.Microseconds) => 10_000, _ => 20 };
                foreach (var (reference, current) in sizes)
                {
                    var alarms = 0;
                    for (var repetition = 0; repetition < repetitions; repetition++)
                    {
                        Token.ThrowIfCancellationRequested();
                        alarms += rule.HasDrift(new ExperimentSamples(Seed(reference + current, repetition), current, referenceCount: reference), significance) ? 1 : 0;
                    }

                    cells.Add(string.Create(CultureInfo.InvariantCulture, $"{100.0 * alarms / repetitions:0.0###} %"));
                    levels.Add(($"{rule.Name} at {significance}, {reference} and {current}: {alarms} of {repetitions}", BinomialInterval.UpperTail(alarms, repetitions, significance)));
                }

                table.Append(CultureInfo.InvariantCulture, $"| {rule.Name}, {100 * significance:0.###} % | {string.Join(" | ", cells)} | {repetitions:#,0} |\n");
                WriteText("tails", table.ToString());
            }
        }

        AssertTogether(levels);
    }

    [Fact]
    public void Covariances_NoDrift_HoldTheirLevel() => Check("covariance", ExperimentRule.Covariances, s_rowSizes);

    /// <summary>The share of repetitions in which a doubled variance of a tenth of the elements, or a correlation of 0.3 in place of none, is found.</summary>
    [Fact]
    public void Covariances_Changed_AreFoundTheMoreRowsTheSurer()
    {
        var repetitions = s_isSoak ? 100 : 20;
        var test = new CovarianceShift { Permutations = 199 };
        var table = new StringBuilder($"| change, elements | {string.Join(" | ", s_rowSizes.Select(size => $"n = {Text(size)}"))} |\n|---|{string.Concat(s_rowSizes.Select(_ => "---:|"))}\n");
        foreach (var (name, kind) in new[] { ("variance doubled in a tenth", "spread"), ("correlation 0.3 of all pairs", "bound") })
        {
            foreach (var width in s_isSoak ? new[] { 8, 64, 256, 512 } : [8, 256])
            {
                var row = new List<string>();
                var previous = 0;
                foreach (var size in s_rowSizes)
                {
                    int alone = 0, both = 0;
                    for (var repetition = 0; repetition < repetitions; repetition++)
                    {
                        Token.ThrowIfCancellationRequested();
                        var samples = new ExperimentSamples(Seed(size, repetition), 0);
                        var result = test.Test(samples.Rows(size, width, "gaussian"), samples.Rows(size, width, kind), cancellationToken: Token);
                        alone += result.PValue <= ExperimentRule.Significance ? 1 : 0;
                        both += result.Verdict == DriftVerdict.Drift ? 1 : 0;
                    }

                    Assert.True(both <= alone && alone >= previous - (4 * Math.Sqrt(repetitions / 4.0)), $"{name}, {width} at {size}: {alone} and {both}, after {previous}");
                    row.Add($"{Percent(alone, repetitions)}; {Percent(both, repetitions)}");
                    previous = alone;
                }

                Assert.True(kind == "spread" || previous == repetitions, $"{name}, {width}: {previous} of {repetitions} with the most rows");
                table.Append(CultureInfo.InvariantCulture, $"| {name}, {width} | {string.Join(" | ", row)} |\n");
                WriteText("covariance-power", table.ToString());
            }
        }
    }

    [Fact]
    public void ReferenceChunks_NoDrift_HoldTheirLevel()
    {
        var rules = new List<(string Name, string Size, int Alarms, int Repetitions)>();
        var naive = new List<(string Name, string Size, int Alarms, int Repetitions)>();
        foreach (var size in s_sizes)
        {
            var (alarms, threeDeviations) = (new int[ChunkExperiment.ChunkCounts.Length, ChunkExperiment.Statistics.Length], new int[ChunkExperiment.ChunkCounts.Length, ChunkExperiment.Statistics.Length]);
            for (var repetition = 0; repetition < Repetitions; repetition++)
            {
                Token.ThrowIfCancellationRequested();
                var outcome = ChunkExperiment.Run(Seed(size, repetition), size);
                for (var c = 0; c < alarms.GetLength(0); c++)
                {
                    for (var s = 0; s < alarms.GetLength(1); s++)
                    {
                        alarms[c, s] += outcome[c, s].Prediction ? 1 : 0;
                        threeDeviations[c, s] += outcome[c, s].ThreeDeviations ? 1 : 0;
                    }
                }
            }

            for (var s = 0; s < alarms.GetLength(1); s++)
            {
                for (var c = 0; c < alarms.GetLength(0); c++)
                {
                    var name = $"{ChunkExperiment.Statistics[s]}, {ChunkExperiment.ChunkCounts[c]} chunks";
                    rules.Add((name, Text(size), alarms[c, s], Repetitions));
                    naive.Add((name, Text(size), threeDeviations[c, s], Repetitions));
                }
            }

            Write("chunks", rules);
            Write("chunks-three-deviations", naive);
        }

        AssertLevels(rules);
    }

    [Fact]
    public void NaiveRules_NoDrift_AlarmAsKnown()
    {
        var levels = new List<(string Rule, double PValue)>();
        var table = new StringBuilder("| rule by habit | measured elsewhere | here | instead | alarms |\n|---|---:|---:|---|---:|\n");
        foreach (var rule in NaiveRules.All)
        {
            int naive = 0, ours = 0, repetitions = s_isSoak ? rule.Repetitions : Math.Min(30, rule.Repetitions / 20);
            for (var repetition = 0; repetition < repetitions; repetition++)
            {
                Token.ThrowIfCancellationRequested();
                var outcome = rule.Run(Seed(7, repetition));
                naive += outcome.Naive ? 1 : 0;
                ours += outcome.Ours ? 1 : 0;
            }

            table.Append(CultureInfo.InvariantCulture, $"| {rule.Name} | {rule.Known} | {Percent(naive, repetitions)} | {rule.Instead} | {Percent(ours, repetitions)} |\n");
            var known = double.Parse(rule.Known.TrimEnd('%', ' '), CultureInfo.InvariantCulture) / 100;
            var observed = (double)naive / repetitions;
            // The tables elsewhere have other repetitions, and some have other rows: within six points, and four deviations more.
            Assert.True(Math.Abs(observed - known) <= 0.06 + (4 * Math.Sqrt(known * (1 - known) / repetitions)), $"{rule.Name}: {observed:0.###} instead of {known:0.###}");
            levels.Add(($"{rule.Instead} instead of {rule.Name}: {ours} of {repetitions}", BinomialInterval.UpperTail(ours, repetitions, rule.Known == "2.5 %" ? 0.0027 : 0.05)));
        }

        WriteText("naive", table.ToString());
        AssertTogether(levels);
    }

    [Fact]
    public void Shifts_AreFound_TheMoreRowsTheSurer()
    {
        (string Name, Func<ExperimentSamples, DriftTestOptions, DriftResult> Test)[] tests =
        [
            ("Kolmogorov–Smirnov", (samples, options) => new KolmogorovSmirnov().Test(samples.Reference, samples.Current, options)),
            ("Wasserstein", (samples, options) => new Wasserstein().Test(samples.Reference, samples.Current, options)),
            ("PSI, ten quantiles", (samples, options) => new PopulationStabilityIndex().Test(samples.Reference.Values, samples.Current.Values, options)),
            ("Jensen–Shannon distance", (samples, options) => new JensenShannon().Test(samples.Reference.Values, samples.Current.Values, options)),
            ("Welch's t", (samples, options) => new WelchT().Test(samples.Reference.Values, samples.Current.Values, options)),
        ];
        var repetitions = s_isSoak ? 1000 : 30;
        double[] shifts = [0.1, 0.25, 0.5];
        var table = new StringBuilder($"| test, shift | {string.Join(" | ", s_sizes.Select(size => $"n = {Text(size)}"))} |\n|---|{string.Concat(s_sizes.Select(_ => "---:|"))}\n");
        foreach (var (name, test) in tests)
        {
            foreach (var shift in shifts)
            {
                var row = new List<string>();
                var previous = -1;
                foreach (var size in s_sizes)
                {
                    int alone = 0, both = 0;
                    for (var repetition = 0; repetition < repetitions; repetition++)
                    {
                        Token.ThrowIfCancellationRequested();
                        var samples = new ExperimentSamples(Seed(size, repetition), size, shift);
                        var result = test(samples, new DriftTestOptions());
                        alone += result.PValue <= ExperimentRule.Significance ? 1 : 0;
                        both += result.Verdict == DriftVerdict.Drift ? 1 : 0;
                    }

                    Assert.True(both <= alone && alone >= previous - (4 * Math.Sqrt(repetitions / 4.0)), $"{name}, {shift} at {size}: {alone} and {both}, after {previous}");
                    row.Add($"{Percent(alone, repetitions)}; {Percent(both, repetitions)}");
                    previous = alone;
                }

                table.Append(CultureInfo.InvariantCulture, $"| {name}, {shift} sd | {string.Join(" | ", row)} |\n");
            }
        }

        WriteText("power", table.ToString());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static void Check(string name, ExperimentRule[] rules, int[]? sizes = null, int? referenceCount = null)
    {
        var counts = new List<(string Name, string Size, int Alarms, int Repetitions)>();
        ExperimentRule[] run = [.. rules.Where(rule => rule.Name.Contains(s_part, StringComparison.Ordinal))];
        Assert.SkipWhen(run.Length == 0, $"No rule of this table is called '{s_part}'.");
        foreach (var size in sizes ?? s_sizes)
        {
            var (alarms, runs) = (new int[run.Length], new int[run.Length]);
            for (var repetition = 0; repetition < run.Max(GetRepetitions); repetition++)
            {
                Token.ThrowIfCancellationRequested();
                var samples = new ExperimentSamples(Seed(size, repetition), size, referenceCount: referenceCount);
                for (var i = 0; i < run.Length; i++)
                {
                    if (repetition >= GetRepetitions(run[i])) continue;
                    runs[i]++;
                    samples.Restart();
                    alarms[i] += run[i].HasDrift(samples) ? 1 : 0;
                }
            }

            for (var i = 0; i < run.Length; i++) counts.Add((run[i].Name, Text(size), alarms[i], runs[i]));
            Write(name, counts);
        }

        AssertLevels(counts);
    }

    /// <summary>No rate is above 5 %, by one-sided binomial tests at 5 % together, corrected by Holm.</summary>
    private static void AssertLevels(List<(string Name, string Size, int Alarms, int Repetitions)> counts)
        => AssertTogether([.. counts.Select(cell => ($"{cell.Name}, n = {cell.Size}: {cell.Alarms} of {cell.Repetitions}", BinomialInterval.UpperTail(cell.Alarms, cell.Repetitions, ExperimentRule.Significance)))]);

    private static void AssertTogether(List<(string Rule, double PValue)> levels)
    {
        var adjusted = MultipleTesting.Adjust([.. levels.Select(level => level.PValue)], Correction.Holm);
        var broken = levels.Zip(adjusted).Where(pair => pair.Second < 0.05).Select(pair => pair.First.Rule).ToArray();
        Assert.True(broken.Length == 0, string.Join("; ", broken));
    }

    private static int Seed(int size, int repetition) => unchecked((int)((((uint)size * 2654435761u) ^ ((uint)repetition * 2246822519u)) & 0x7FFFFFFF));

    private static void Write(string name, List<(string Name, string Size, int Alarms, int Repetitions)> counts)
    {
        var sizes = counts.Select(cell => cell.Size).Distinct().ToArray();
        var table = new StringBuilder($"| rule | {string.Join(" | ", sizes.Select(size => $"n = {size}"))} | repetitions |\n|---|{string.Concat(sizes.Select(_ => "---:|"))}---:|\n");
        foreach (var rule in counts.GroupBy(cell => cell.Name))
        {
            var cells = sizes.Select(size => rule.Where(cell => cell.Size == size).Select(cell => Percent(cell.Alarms, cell.Repetitions)).FirstOrDefault("–"));
            table.Append(CultureInfo.InvariantCulture, $"| {rule.Key} | {string.Join(" | ", cells)} | {rule.First().Repetitions:#,0} |\n");
        }

        WriteText(name, table.ToString());
    }

    private static void WriteText(string name, string table)
    {
        if (!s_isSoak) return;
        File.WriteAllText(Path.Combine(AppContext.BaseDirectory, $"drift-experiment-{name}.md"), table);
    }

    private static string Percent(int count, int total) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * count / total:0.0#} %");

    private static string Text(int size) => size.ToString("#,0", CultureInfo.InvariantCulture);
}
