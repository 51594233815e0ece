namespace Orleans.Configuration
{
    /// <summary>When idle activations end.</summary>
    public class GrainCollectionOptions
    {
        /// <summary>How often the host looks for idle activations; one minute unless told.</summary>
        public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

        /// <summary>
        /// How long an activation stays without use; 15 minutes unless told. Longer than the quantum.
        /// </summary>
        public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

        /// <summary>Other ages by the full name of the grain class.</summary>
        public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];

        /// <summary>After this time the token of an activation is cancelled; 30 seconds unless told.</summary>
        public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>After this time the token of a deactivation is cancelled; 30 seconds unless told.</summary>
        public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);
    }

    /// <summary>How long calls wait.</summary>
    public abstract class MessagingOptions
    {
        /// <summary>How long a caller waits for the response; 30 seconds unless told.</summary>
        public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>Whether a call that timed out in the queue is dropped; true unless told.</summary>
        public bool DropExpiredMessages { get; set; } = true;

        /// <summary>
        /// Whether the token of a running call is cancelled when its caller stops waiting; false unless told.
        /// </summary>
        public bool CancelRequestOnTimeout { get; set; }
    }

    /// <summary>How long calls wait.</summary>
    public class SiloMessagingOptions : MessagingOptions;
}

namespace Orleans.Hosting
{
    /// <summary>Limits of reminders.</summary>
    public sealed class ReminderOptions
    {
        /// <summary>The shortest period a reminder may have; one minute unless told.</summary>
        public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);
    }
}

namespace Orleans
{
    /// <summary>How long activations of the class stay without use; at least one minute.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public class CollectionAgeLimitAttribute : Attribute
    {
        private readonly TimeSpan? given;

        /// <summary>As the properties say.</summary>
        public CollectionAgeLimitAttribute()
        {
        }

        /// <summary>A time in the format of <see cref="TimeSpan"/>.</summary>
        public CollectionAgeLimitAttribute(string inactivityPeriod) => given = TimeSpan.Parse(inactivityPeriod);

        /// <summary>The shortest age.</summary>
        public static readonly TimeSpan MinAgeLimit = TimeSpan.FromMinutes(1);

        /// <summary>Days, added to the others.</summary>
        public double Days { get; set; }

        /// <summary>Hours, added to the others.</summary>
        public double Hours { get; set; }

        /// <summary>Minutes, added to the others.</summary>
        public double Minutes { get; set; }

        /// <summary>Whether activations never end by themselves.</summary>
        public bool AlwaysActive { get; set; }

        /// <summary>The time that follows from the above.</summary>
        public TimeSpan AgeLimit
        {
            get
            {
                if (AlwaysActive)
                    return TimeSpan.FromDays(short.MaxValue);
                var age = given ?? TimeSpan.FromDays(Days) + TimeSpan.FromHours(Hours) + TimeSpan.FromMinutes(Minutes);
                return age < MinAgeLimit ? MinAgeLimit : age;
            }
        }
    }

    /// <summary>Activations of the class never end for being idle.</summary>
    [AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
    public class KeepAliveAttribute : Attribute;
}
