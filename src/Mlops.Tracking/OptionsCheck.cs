using Microsoft.Extensions.Options;

namespace Mlops.Tracking;

/// <summary>Lets a host that is misconfigured not start, instead of failing at its first run.</summary>
/// <typeparam name="TOptions">The options.</typeparam>
/// <param name="check">Throws <see cref="ArgumentException"/> for what is wrong, with the name of the option.</param>
internal sealed class OptionsCheck<TOptions>(Action<TOptions> check) : IValidateOptions<TOptions>
    where TOptions : class
{
    public ValidateOptionsResult Validate(string? name, TOptions options)
    {
        try
        {
            check(options);
            return ValidateOptionsResult.Success;
        }
        catch (ArgumentException error)
        {
            return ValidateOptionsResult.Fail($"{typeof(TOptions).Name}: {error.Message}");
        }
    }
}
