using Microsoft.Extensions.Options;

namespace Mlops.Monitoring;

/// <summary>Checks the options of monitors when the host starts.</summary>
internal sealed class ModelMonitorOptionsValidator : IValidateOptions<ModelMonitorOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelMonitorOptions options)
        => options.FindFault() is { } fault ? ValidateOptionsResult.Fail($"Monitoring of '{name}': {fault}") : ValidateOptionsResult.Success;
}
