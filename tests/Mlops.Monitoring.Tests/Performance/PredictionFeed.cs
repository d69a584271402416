using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Models;
using Mlops.Profiles;
using Mlops.Tracking;

namespace Mlops.Monitoring.Tests;

/// <summary>Feeds a monitor as a model host does: a batch of a float slot with two columns, a text slot and a date slot.</summary>
internal sealed class PredictionFeed
{
    public static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ModelSignature _signature = new(
        [TensorSpec.Of<float>("features", 2, "temperature", "rain"), TensorSpec.Of<string>("station", 1, "station"), TensorSpec.Of<long>("day", 1, "day")],
        [TensorSpec.Of<float>("riders")]);

    private readonly Random _random = new(42);

    public double Shift { get; set; }

    public string Version { get; set; } = "1";

    public static DatasetProfile CreateReference(int rows = 2000, int seed = 7)
    {
        var random = new Random(seed);
        var temperature = new double[rows];
        var rain = new bool[rows];
        var station = new string[rows];
        var prediction = new double[rows];
        var day = new DateOnly[rows];
        for (var i = 0; i < rows; i++)
        {
            temperature[i] = (float)random.NextDouble();
            rain[i] = random.NextDouble() < 0.3;
            station[i] = random.Next(3) switch { 0 => "Clark", 1 => "Lake", _ => "Loop" };
            prediction[i] = (float)temperature[i] * 10;
            day[i] = new DateOnly(2010, 1, 1).AddDays(i);
        }

        var schema = new DataSchema(
            new ColumnSchema("temperature", ElementType.Float64), new ColumnSchema("rain", ElementType.Boolean), new ColumnSchema("station", ElementType.String),
            new ColumnSchema("day", ElementType.Date), new ColumnSchema("riders", ElementType.Float64, ColumnRole.Label), new ColumnSchema("predicted", ElementType.Float64, ColumnRole.Prediction));
        var profile = new DatasetProfile(schema);
        profile.Add(new DataBatch(schema, new Column<double>(temperature), new Column<bool>(rain), TextColumn.FromStrings(station), new Column<DateOnly>(day), new Column<double>(prediction), new Column<double>(prediction)));
        return profile;
    }

    public static EvaluationResult Validation(double rmse) => new(100, [new EvaluationMetric("rmse", rmse, MetricDirection.Minimize)]);

    /// <summary>Predicts some rows in one call.</summary>
    public Guid Predict(ModelMonitor monitor, DateTimeOffset? at, int rows = 1, Guid id = default, string? model = "ridership", string? route = "primary", double prediction = double.NaN)
    {
        using var inputs = _signature.RentInputs(rows);
        using var outputs = _signature.RentOutputs(rows);
        for (var row = 0; row < rows; row++)
        {
            var temperature = _random.NextDouble() + Shift;
            inputs.Get<float>(0).Span[2 * row] = (float)temperature;
            inputs.Get<float>(0).Span[(2 * row) + 1] = _random.NextDouble() < 0.3 ? 1 : 0;
            inputs.Get<string>(1).Span[row] = _random.Next(3) switch { 0 => "Clark", 1 => "Lake", _ => "Loop" };
            inputs.Get<long>(2).Span[row] = 20_000 + row;
            outputs.Get<float>(0).Span[row] = (float)(double.IsNaN(prediction) ? temperature * 10 : prediction);
        }

        var context = new PredictionContext { Id = id, EventTime = at, ModelName = model, ModelVersion = Version, Route = route };
        monitor.OnPredicted(inputs, outputs, context, TimeSpan.FromMilliseconds(1));
        return context.Id;
    }

    public void PredictDays(ModelMonitor monitor, int firstDay, int days, int rowsPerDay)
    {
        for (var day = firstDay; day < firstDay + days; day++) Predict(monitor, Start.AddDays(day), rowsPerDay);
    }
}
